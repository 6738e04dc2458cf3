#include "links/figures/curve_figure.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "canvas.h"
#include "links/core/error.h"

namespace links {
namespace {

constexpr double kWidth = 640, kHeight = 400;
constexpr double kLeft = 76, kRight = 20, kTop = 40, kBottom = 56;
constexpr int kTicks = 6;  // about
constexpr std::array<Color, 6> kColors = {kBlue, kVermilion, kGreen, kPurple, kOrange, kSky};

// An interval of the data, widened to whole steps of 1, 2 or 5 times a power of ten.
struct Axis {
  double low = 1e300, high = -1e300, step = 1;

  void Add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  void Round() {
    if (!(high - low > 1e-12 * std::max(std::abs(low), std::abs(high)))) {
      const double margin = low == 0 ? 1 : 0.1 * std::abs(low);
      low -= margin;
      high += margin;
    }
    const double rough = (high - low) / kTicks;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    const double leading = rough / power;
    step = power * (leading <= 1 ? 1 : leading <= 2 ? 2 : leading <= 5 ? 5 : 10);
    low = std::floor(low / step + 1e-9) * step;
    high = std::ceil(high / step - 1e-9) * step;
  }
  int TickCount() const { return static_cast<int>(std::lround((high - low) / step)) + 1; }
  double Tick(int i) const {
    const double value = low + i * step;
    return std::abs(value) < 1e-9 * step ? 0 : value;
  }
  double Share(double value) const { return (value - low) / (high - low); }
};

std::string TickText(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

void CheckCurves(const std::vector<Curve>& curves) {
  bool any = false;
  for (const Curve& curve : curves) {
    if (curve.x.size() != curve.y.size()) {
      throw Error("expected as many x as y in curve '", curve.name, "', found ", curve.x.size(), " and ",
                  curve.y.size());
    }
    for (size_t i = 0; i < curve.x.size(); ++i) {
      if (!std::isfinite(curve.x[i]) || !std::isfinite(curve.y[i])) {
        throw Error("expected finite numbers in curve '", curve.name, "', found (", curve.x[i], ", ",
                    curve.y[i], ") at point ", i);
      }
    }
    any |= !curve.x.empty();
  }
  if (!any) throw Error("expected a curve with at least one point, found none");
}

double PageX(const Axis& axis, double x) {
  return kLeft + axis.Share(x) * (kWidth - kLeft - kRight);
}
double PageY(const Axis& axis, double y) {
  return kHeight - kBottom - axis.Share(y) * (kHeight - kTop - kBottom);
}

void DrawAxes(Canvas& canvas, const Axis& x_axis, const Axis& y_axis) {
  const double bottom = kHeight - kBottom, right = kWidth - kRight;
  for (int i = 0; i < x_axis.TickCount(); ++i) {
    const double x = PageX(x_axis, x_axis.Tick(i));
    canvas.Line(x, bottom, x, bottom + 4, kGrey, 1);
    canvas.Text(x, bottom + 17, TickText(x_axis.Tick(i)), 11, kGrey, Align::kCentre);
  }
  for (int i = 0; i < y_axis.TickCount(); ++i) {
    const double y = PageY(y_axis, y_axis.Tick(i));
    canvas.Line(kLeft, y, right, y, kFaint, 1);
    canvas.Text(kLeft - 7, y + 4, TickText(y_axis.Tick(i)), 11, kGrey, Align::kRight);
  }
  canvas.Line(kLeft, bottom, right, bottom, kGrey, 1);
}

void DrawLabels(Canvas& canvas, const std::string& title, const std::string& x_label,
                const std::string& y_label) {
  canvas.Text(kLeft, 24, title, 14, kInk, Align::kLeft, true, kWidth - kLeft - kRight);
  canvas.Text((kLeft + kWidth - kRight) / 2, kHeight - 16, x_label, 12, kInk, Align::kCentre);
  cairo_t* context = canvas.context();
  cairo_save(context);
  cairo_translate(context, 18, (kTop + kHeight - kBottom) / 2);
  cairo_rotate(context, -std::numbers::pi / 2);
  canvas.Text(0, 0, y_label, 12, kInk, Align::kCentre);
  cairo_restore(context);
}

void DrawCurve(Canvas& canvas, const Curve& curve, const Axis& x_axis, const Axis& y_axis,
               const Color& color) {
  if (curve.x.size() == 1) canvas.Dot(PageX(x_axis, curve.x[0]), PageY(y_axis, curve.y[0]), 3, color);
  cairo_t* context = canvas.context();
  cairo_new_path(context);
  for (size_t i = 0; i < curve.x.size(); ++i)
    cairo_line_to(context, PageX(x_axis, curve.x[i]), PageY(y_axis, curve.y[i]));
  cairo_set_source_rgb(context, color.red, color.green, color.blue);
  cairo_set_line_width(context, 1.8);
  cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke(context);
}

// A list at the upper right, where curves that fall leave room.
void DrawLegend(Canvas& canvas, const std::vector<Curve>& curves) {
  double widest = 0, lines = 0;
  for (const Curve& curve : curves) {
    if (curve.name.empty()) continue;
    widest = std::max(widest, canvas.TextWidth(curve.name, 11));
    ++lines;
  }
  if (lines == 0) return;
  const double width = widest + 44, x = kWidth - kRight - width - 6;
  double y = kTop + 6;
  cairo_set_source_rgba(canvas.context(), 1, 1, 1, 0.85);
  cairo_rectangle(canvas.context(), x, y, width, 17 * lines + 8);
  cairo_fill(canvas.context());
  for (size_t i = 0; i < curves.size(); ++i) {
    if (curves[i].name.empty()) continue;
    y += 17;
    canvas.Line(x + 8, y - 4, x + 28, y - 4, kColors[i % kColors.size()], 2);
    canvas.Text(x + 35, y, curves[i].name, 11, kInk);
  }
}

}  // namespace

void DrawCurves(const std::string& path, const std::string& title, const std::string& x_label,
                const std::string& y_label, const std::vector<Curve>& curves) {
  CheckCurves(curves);
  Axis x_axis, y_axis;
  for (const Curve& curve : curves) {
    for (const double x : curve.x) x_axis.Add(x);
    for (const double y : curve.y) y_axis.Add(y);
  }
  x_axis.Round();
  y_axis.Round();
  Canvas canvas(path, kWidth, kHeight);
  DrawAxes(canvas, x_axis, y_axis);
  DrawLabels(canvas, title, x_label, y_label);
  for (size_t i = 0; i < curves.size(); ++i)
    DrawCurve(canvas, curves[i], x_axis, y_axis, kColors[i % kColors.size()]);
  DrawLegend(canvas, curves);
  canvas.Save();
}

}  // namespace links
