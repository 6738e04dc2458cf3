#include "links/figures/matrix_figure.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "canvas.h"
#include "links/core/error.h"

namespace links {
namespace {

constexpr double kCell = 30, kLeft = 80, kTop = 96, kMargin = 12;

Color Mix(const Color& from, const Color& to, double share) {
  return {from.red + share * (to.red - from.red), from.green + share * (to.green - from.green),
          from.blue + share * (to.blue - from.blue)};
}

}  // namespace

void DrawMatrix(const std::string& path, const std::string& title, const std::vector<std::string>& labels,
                const std::vector<double>& values) {
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
  const double side = kCell * static_cast<double>(count);
  Canvas canvas(path, kLeft + side + kMargin, kTop + side + kMargin);
  canvas.Text(kMargin, 22, title, 13, kInk, Align::kLeft, true, kLeft + side - kMargin);
  for (size_t i = 0; i < count; ++i) {
    const double middle = kCell * (static_cast<double>(i) + 0.5);
    canvas.Text(kLeft - 6, kTop + middle + 4, labels[i], 10, kInk, Align::kRight);
    cairo_save(canvas.context());
    cairo_translate(canvas.context(), kLeft + middle + 4, kTop - 6);
    cairo_rotate(canvas.context(), -M_PI / 3);
    canvas.Text(0, 0, labels[i], 10, kInk);
    cairo_restore(canvas.context());
    for (size_t j = 0; j < count; ++j) {
      const double value = values[i * count + j];
      if (!std::isfinite(value)) continue;
      const double share = high > low ? (value - low) / (high - low) : 0;
      const double x = kLeft + kCell * static_cast<double>(j), y = kTop + kCell * static_cast<double>(i);
      // A line as thick as the cell fills it.
      canvas.Line(x, y + kCell / 2, x + kCell, y + kCell / 2, Mix({0.97, 0.97, 0.98}, kVermilion, share),
                  kCell);
      char text[32];
      std::snprintf(text, sizeof(text), "%.1f", value);
      canvas.Text(x + kCell / 2, y + kCell / 2 + 4, text, 9, kInk, Align::kCentre);
    }
  }
  canvas.Save();
}

}  // namespace links
