#pragma once

#include <string>
#include <vector>

#include "links/figures/print_width.h"

namespace links {

struct Curve {
  std::string name;  ///< in the legend; "" = not listed
  std::vector<double> x, y;
  std::vector<double> deviation = {};  ///< half the height of a band around y at each x; or none
  int style = -1;                      ///< curves of one number look alike in all panels; -1 = the next
};

/// One pair of axes.
struct CurvePanel {
  std::string title, x_label, y_label;
  std::vector<Curve> curves;
};

/// Draws panels below each other with ticks and a legend, `width_mm` wide, to .svg, .png (300 dpi) or .pdf by
/// the extension of `path` (else UsageError). Curves differ in their strokes as well as in their colours.
/// Throws Error on x and y of different lengths, on numbers that are not finite, and when no curve of a panel
/// has a point.
void DrawCurves(const std::string& path, const std::vector<CurvePanel>& panels, double width_mm = kColumnMm);

}  // namespace links
