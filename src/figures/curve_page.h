#pragma once

#include <string>
#include <vector>

#include "axes.h"
#include "links/figures/curve_figure.h"

namespace links {

/// Panels of curves below each other, laid out before they are drawn.
class CurvePage {
 public:
  /// width: of the page, points. path: of the file, by whose kind text is measured. Throws as DrawCurves
  /// does.
  CurvePage(const std::string& path, std::vector<CurvePanel> panels, double width);

  double height() const { return height_; }
  void Draw(Canvas& canvas, double top) const;

 private:
  std::vector<CurvePanel> panels_;
  std::vector<Axis> x_axes_, y_axes_;
  double left_ = 0, right_ = 0, height_ = 0;
};

}  // namespace links
