#include "axes.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "print_style.h"

namespace links {

void Axis::Add(double value) {
  low = std::min(low, value);
  high = std::max(high, value);
}

void Axis::Round(int ticks) {
  if (!(high - low > 1e-12 * std::max(std::abs(low), std::abs(high)))) {
    const double margin = low == 0 ? 1 : 0.1 * std::abs(low);
    low -= margin;
    high += margin;
  }
  const double rough = (high - low) / ticks;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double leading = rough / power;
  step = power * (leading <= 1 ? 1 : leading <= 2 ? 2 : leading <= 5 ? 5 : 10);
  low = std::floor(low / step + 1e-9) * step;
  high = std::ceil(high / step - 1e-9) * step;
}

int Axis::TickCount() const {
  return static_cast<int>(std::lround((high - low) / step)) + 1;
}

double Axis::Tick(int i) const {
  const double value = low + i * step;
  return std::abs(value) < 1e-9 * step ? 0 : value;
}

std::string TickText(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text[0] == '-' ? "\u2212" + std::string(text + 1) : text;
}

double TickWidth(Canvas& canvas, const Axis& y) {
  double widest = 0;
  for (int i = 0; i < y.TickCount(); ++i)
    widest = std::max(widest, canvas.TextWidth(TickText(y.Tick(i)), kSmallSize));
  return widest + 3;
}

void DrawAxes(Canvas& canvas, const Frame& frame, const Axis& x, const Axis& y, const std::string& title,
              const std::string& x_label, const std::string& y_label, double label_x) {
  for (int i = 0; i < y.TickCount(); ++i) {
    const double at = frame.Y(y, y.Tick(i));
    canvas.Line(frame.left, at, frame.right, at, kFaint, kHairline);
    canvas.Text(frame.left - 3, at + 2, TickText(y.Tick(i)), kSmallSize, kInk, Align::kRight);
  }
  canvas.Line(frame.left, frame.bottom, frame.right, frame.bottom, kInk, kHairline);
  for (int i = 0; i < x.TickCount(); ++i) {
    const double at = frame.X(x, x.Tick(i));
    canvas.Line(at, frame.bottom, at, frame.bottom + 2, kInk, kHairline);
    canvas.Text(at, frame.bottom + 9, TickText(x.Tick(i)), kSmallSize, kInk, Align::kCentre);
  }
  canvas.Text(frame.left, frame.top - 5, title, kTextSize, kInk, Align::kLeft, true,
              frame.right - frame.left);
  canvas.Text((frame.left + frame.right) / 2, frame.bottom + 18, x_label, kTextSize, kInk, Align::kCentre);
  canvas.UpwardText(label_x, (frame.top + frame.bottom) / 2, y_label, kTextSize, kInk);
}

}  // namespace links
