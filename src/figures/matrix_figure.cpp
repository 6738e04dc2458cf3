#include "links/figures/matrix_figure.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "canvas.h"
#include "links/core/error.h"
#include "links/core/text_table.h"
#include "print_style.h"

namespace links {
namespace {

constexpr double kTitle = 12, kMostCell = 40, kSlope = std::numbers::pi / 3;

Color Mix(const Color& from, const Color& to, double share) {
  return {from.red + share * (to.red - from.red), from.green + share * (to.green - from.green),
          from.blue + share * (to.blue - from.blue)};
}

}  // namespace

void DrawMatrix(const std::string& path, const std::string& title, const std::vector<std::string>& labels,
                const std::vector<double>& values, double width_mm) {
  const size_t count = labels.size();
  if (values.size() != count * count) {
    throw Error("expected ", count * count, " numbers for a matrix of ", count, " names, found ",
                values.size());
  }
  double low = INFINITY, high = -INFINITY;
  for (double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (!(low <= high)) throw Error("expected a finite number in a matrix to draw, found none");
  const double width = PointsOf(width_mm);
  Canvas measure(path, 1, 1, Medium::kPrint);
  double longest = 0;
  for (const std::string& label : labels) longest = std::max(longest, measure.TextWidth(label, kTextSize));
  // Names stand slanted above the columns; the last one needs room at its right.
  const double left = kMargin + longest + 4, slanted = longest * std::sin(kSlope) + kTextSize;
  const double beside = longest * std::cos(kSlope) + kMargin;
  const double cell = std::min((width - left - beside) / static_cast<double>(count), kMostCell);
  const double top = kMargin + kTitle + slanted, side = cell * static_cast<double>(count);
  Canvas canvas(path, width, top + side + kMargin, Medium::kPrint);
  canvas.Text(kMargin, kMargin + kTextSize, title, kTextSize, kInk, Align::kLeft, false, width - 2 * kMargin);
  for (size_t i = 0; i < count; ++i) {
    const double middle = cell * (static_cast<double>(i) + 0.5);
    canvas.Text(left - 4, top + middle + 2.5, labels[i], kTextSize, kInk, Align::kRight);
    cairo_save(canvas.context());
    cairo_translate(canvas.context(), left + middle + 2.5, top - 3);
    cairo_rotate(canvas.context(), -kSlope);
    canvas.Text(0, 0, labels[i], kTextSize, kInk);
    cairo_restore(canvas.context());
    for (size_t j = 0; j < count; ++j) {
      const double value = values[i * count + j];
      if (!std::isfinite(value)) continue;
      const double share = high > low ? (value - low) / (high - low) : 0;
      const double x = left + cell * static_cast<double>(j), y = top + cell * static_cast<double>(i);
      canvas.Rectangle(x, y, cell, cell, Mix({0.97, 0.97, 0.98}, kOrange, share));
      canvas.Text(x + cell / 2, y + cell / 2 + 2.2, Fixed(value, 1), kSmallSize, kInk, Align::kCentre);
    }
  }
  canvas.Save();
}

}  // namespace links
