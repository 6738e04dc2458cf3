#pragma once

#include <string>
#include <vector>

namespace links {

struct Curve {
  std::string name;  ///< in the legend; "" = not listed
  std::vector<double> x, y;
};

/// Draws the curves over one pair of axes with ticks and a legend, to .svg, .png or .pdf by the
/// extension of `path` (else UsageError). Throws Error on x and y of different lengths, on numbers that are
/// not finite, and when no curve has a point.
void DrawCurves(const std::string& path, const std::string& title, const std::string& x_label,
                const std::string& y_label, const std::vector<Curve>& curves);

}  // namespace links
