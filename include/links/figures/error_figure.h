#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "links/figures/curve_figure.h"
#include "links/skeleton/skeleton.h"

namespace links {

struct ErrorBars {
  std::string title;
  std::vector<std::pair<std::string, double>> bars;  ///< NaN ones are left out
};

/// What errors go with. Empty parts are left out.
struct ErrorFigure {
  std::string title;               ///< whose errors, in what metric
  std::vector<double> joints;      ///< (17) mm
  std::vector<CurvePanel> panels;  ///< of a curve each, like the error against azimuth
  std::vector<ErrorBars> groups;   ///< per action, subject, ...
};

/// Draws the error of each joint on a body seen from the front, the panels, and a bar a group, the largest
/// first; of more than kMostBars groups the largest and the smallest. The file is .svg, .png (300 dpi) or
/// .pdf. Throws Error when there is nothing to draw or a number of joints is not 17.
void DrawErrors(const std::string& path, const ErrorFigure& figure, double width_mm = kColumnMm);

inline constexpr size_t kMostBars = 20;

}  // namespace links
