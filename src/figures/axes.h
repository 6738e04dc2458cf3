#pragma once

#include <string>

#include "canvas.h"

namespace links {

/// An interval of the data, widened to whole steps of 1, 2 or 5 times a power of ten.
struct Axis {
  double low = 1e300, high = -1e300, step = 1;

  void Add(double value);
  void Round(int ticks);
  int TickCount() const;
  double Tick(int i) const;
  double Share(double value) const { return (value - low) / (high - low); }
};

/// Where a pair of axes lies on the page.
struct Frame {
  double left, top, right, bottom;
  double X(const Axis& axis, double x) const { return left + axis.Share(x) * (right - left); }
  double Y(const Axis& axis, double y) const { return bottom - axis.Share(y) * (bottom - top); }
};

std::string TickText(double value);

/// Room that the ticks of a y axis take at the left of the frame.
double TickWidth(Canvas& canvas, const Axis& y);

/// Ticks with numbers, faint lines across, the labels, and the title above; both axes are rounded.
/// label_x: of the upward text, left of the ticks.
void DrawAxes(Canvas& canvas, const Frame& frame, const Axis& x, const Axis& y, const std::string& title,
              const std::string& x_label, const std::string& y_label, double label_x);

}  // namespace links
