#include "links/figures/curve_figure.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "axes.h"
#include "curve_page.h"
#include "links/core/error.h"
#include "print_style.h"

namespace links {
namespace {

constexpr double kPanelHeight = 116, kAbove = 14, kBelow = 24, kLegendLine = 9, kSample = 16;
constexpr int kTicksX = 6, kTicksY = 4;  // about

// Colours that differ in lightness too, and a stroke each.
struct Stroke {
  Color color;
  double on, off;  // 0 = solid
};
constexpr std::array<Stroke, 6> kStrokes = {{{kBlue, 0, 0},
                                             {kVermilion, 4, 1.5},
                                             {kInk, 1, 1.2},
                                             {kOrange, 0, 0},
                                             {kPurple, 6, 1.2},
                                             {kSky, 2.2, 1.2}}};

const Stroke& StrokeOf(int style) {
  return kStrokes[static_cast<size_t>(style) % kStrokes.size()];
}

void CheckCurves(const CurvePanel& panel) {
  bool any = false;
  for (const Curve& curve : panel.curves) {
    if (curve.x.size() != curve.y.size()) {
      throw Error("expected as many x as y in curve '", curve.name, "', found ", curve.x.size(), " and ",
                  curve.y.size());
    }
    if (!curve.deviation.empty() && curve.deviation.size() != curve.y.size()) {
      throw Error("expected as many deviations as y in curve '", curve.name, "', found ",
                  curve.deviation.size(), " and ", curve.y.size());
    }
    for (size_t i = 0; i < curve.x.size(); ++i) {
      const bool band = curve.deviation.empty() || std::isfinite(curve.deviation[i]);
      if (!std::isfinite(curve.x[i]) || !std::isfinite(curve.y[i]) || !band) {
        throw Error("expected finite numbers in curve '", curve.name, "', found (", curve.x[i], ", ",
                    curve.y[i], ") at point ", i);
      }
    }
    any |= !curve.x.empty();
  }
  if (!any) throw Error("expected a curve with at least one point in '", panel.title, "', found none");
}

void SetStroke(Canvas& canvas, const Stroke& stroke) {
  if (stroke.on > 0) canvas.Dash(stroke.on, stroke.off);
}

void DrawBand(Canvas& canvas, const Frame& frame, const Curve& curve, const Axis& x, const Axis& y,
              const Color& color) {
  if (curve.deviation.empty()) return;
  cairo_t* context = canvas.context();
  cairo_new_path(context);
  for (size_t i = 0; i < curve.x.size(); ++i)
    cairo_line_to(context, frame.X(x, curve.x[i]), frame.Y(y, curve.y[i] + curve.deviation[i]));
  for (size_t i = curve.x.size(); i-- > 0;)
    cairo_line_to(context, frame.X(x, curve.x[i]), frame.Y(y, curve.y[i] - curve.deviation[i]));
  cairo_close_path(context);
  cairo_set_source_rgba(context, color.red, color.green, color.blue, 0.2);
  cairo_fill(context);
}

void DrawCurve(Canvas& canvas, const Frame& frame, const Curve& curve, const Axis& x, const Axis& y,
               const Stroke& stroke) {
  const Color& color = stroke.color;
  if (curve.x.size() == 1) canvas.Dot(frame.X(x, curve.x[0]), frame.Y(y, curve.y[0]), 1.5, color);
  cairo_t* context = canvas.context();
  cairo_new_path(context);
  for (size_t i = 0; i < curve.x.size(); ++i)
    cairo_line_to(context, frame.X(x, curve.x[i]), frame.Y(y, curve.y[i]));
  cairo_set_source_rgb(context, color.red, color.green, color.blue);
  cairo_set_line_width(context, kCurveWidth);
  cairo_set_line_cap(context, CAIRO_LINE_CAP_BUTT);
  cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND);
  SetStroke(canvas, stroke);
  cairo_stroke(context);
  canvas.Solid();
}

// What a legend says below its panel, line by line.
class Legend {
 public:
  Legend(Canvas& canvas, const std::vector<Curve>& curves, double width) : canvas_(canvas) {
    double x = 0;
    for (const Curve& curve : curves) {
      if (curve.name.empty()) continue;
      const double wide = std::min(kSample + 4 + canvas.TextWidth(curve.name, kSmallSize) + 8, width);
      if (x > 0 && x + wide > width) {
        x = 0;
        ++lines_;
      }
      if (lines_ == 0) lines_ = 1;
      entries_.push_back({&curve, x, lines_ - 1, wide});
      x += wide;
    }
  }
  double Height() const { return lines_ * kLegendLine; }
  void Draw(double left, double top) const {
    for (const Entry& entry : entries_) {
      const double x = left + entry.x, y = top + (entry.line + 1) * kLegendLine - 2;
      const Stroke& stroke = StrokeOf(entry.curve->style);
      SetStroke(canvas_, stroke);
      canvas_.Line(x, y - 2, x + kSample, y - 2, stroke.color, kCurveWidth);
      canvas_.Solid();
      canvas_.Text(x + kSample + 4, y, entry.curve->name, kSmallSize, kInk, Align::kLeft, false,
                   entry.width - kSample - 4);
    }
  }

 private:
  struct Entry {
    const Curve* curve;
    double x;
    int line;
    double width;
  };
  Canvas& canvas_;
  std::vector<Entry> entries_;
  int lines_ = 0;
};

}  // namespace

CurvePage::CurvePage(const std::string& path, std::vector<CurvePanel> panels, double width)
    : panels_(std::move(panels)), x_axes_(panels_.size()), y_axes_(panels_.size()) {
  Canvas measure(path, 1, 1, Medium::kPrint);
  double ticks = 0;
  for (size_t i = 0; i < panels_.size(); ++i) {
    CurvePanel& panel = panels_[i];
    CheckCurves(panel);
    for (size_t k = 0; k < panel.curves.size(); ++k) {
      Curve& curve = panel.curves[k];
      if (curve.style < 0) curve.style = static_cast<int>(k);
      for (size_t at = 0; at < curve.x.size(); ++at) {
        x_axes_[i].Add(curve.x[at]);
        const double half = curve.deviation.empty() ? 0 : curve.deviation[at];
        y_axes_[i].Add(curve.y[at] - half);
        y_axes_[i].Add(curve.y[at] + half);
      }
    }
    x_axes_[i].Round(kTicksX);
    y_axes_[i].Round(kTicksY);
    ticks = std::max(ticks, TickWidth(measure, y_axes_[i]));
  }
  left_ = kMargin + kTextSize + 3 + ticks;
  right_ = width - kMargin - 8;
  for (const CurvePanel& panel : panels_)
    height_ += kPanelHeight + Legend(measure, panel.curves, right_ - left_).Height();
}

void CurvePage::Draw(Canvas& canvas, double top) const {
  for (size_t i = 0; i < panels_.size(); ++i) {
    const CurvePanel& panel = panels_[i];
    const Frame frame = {left_, top + kAbove, right_, top + kPanelHeight - kBelow};
    DrawAxes(canvas, frame, x_axes_[i], y_axes_[i], panel.title, panel.x_label, panel.y_label,
             kMargin + kTextSize);
    for (const Curve& curve : panel.curves)
      DrawBand(canvas, frame, curve, x_axes_[i], y_axes_[i], StrokeOf(curve.style).color);
    for (const Curve& curve : panel.curves)
      DrawCurve(canvas, frame, curve, x_axes_[i], y_axes_[i], StrokeOf(curve.style));
    const Legend legend(canvas, panel.curves, right_ - left_);
    legend.Draw(left_, top + kPanelHeight - 3);
    top += kPanelHeight + legend.Height();
  }
}

void DrawCurves(const std::string& path, const std::vector<CurvePanel>& panels, double width_mm) {
  if (panels.empty()) throw Error("expected curves to draw, found none");
  const double width = PointsOf(width_mm);
  const CurvePage page(path, panels, width);
  Canvas canvas(path, width, kMargin + page.height(), Medium::kPrint);
  page.Draw(canvas, kMargin);
  canvas.Save();
}

}  // namespace links
