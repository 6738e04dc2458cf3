#include "links/figures/error_figure.h"

#include <algorithm>
#include <cmath>

#include "curve_page.h"
#include "links/core/error.h"
#include "links/core/text_table.h"
#include "print_style.h"

namespace links {
namespace {

constexpr double kBodyHeight = 150, kTitle = 12, kBar = 9, kMostRadius = 9;

// A body from the front, arms spread, shares of the height: the person's right is at the left.
constexpr std::array<std::array<double, 2>, kJoints> kBody = {{{0, .48},
                                                               {-.11, .48},
                                                               {-.13, .72},
                                                               {-.14, .97},
                                                               {.11, .48},
                                                               {.13, .72},
                                                               {.14, .97},
                                                               {0, .35},
                                                               {0, .22},
                                                               {0, .13},
                                                               {0, .03},
                                                               {.16, .22},
                                                               {.34, .31},
                                                               {.5, .40},
                                                               {-.16, .22},
                                                               {-.34, .31},
                                                               {-.5, .40}}};

void DrawBody(Canvas& canvas, const std::vector<double>& joints, double width, double top) {
  double most = 0;
  for (const double error : joints) {
    if (std::isfinite(error)) most = std::max(most, error);
  }
  const double size = kBodyHeight - 2 * kMostRadius;
  const auto at = [&](int joint) {
    return std::pair{width / 2 + 1.25 * size * kBody[joint][0], top + kMostRadius + size * kBody[joint][1]};
  };
  for (const Bone& bone : kBoneList) {
    const auto from = at(bone.parent), to = at(bone.child);
    canvas.Line(from.first, from.second, to.first, to.second, kFaint, 2.5, true);
  }
  for (int joint = 0; joint < kJoints; ++joint) {
    if (!std::isfinite(joints[joint])) continue;
    const auto [x, y] = at(joint);
    // Area in proportion to the error.
    const double radius = most > 0 ? kMostRadius * std::sqrt(joints[joint] / most) : 0;
    canvas.Dot(x, y, radius, kSky);
    if (joint == kRoot) {  // beside it are the hips
      canvas.Text(x, y + radius + kSmallSize + 1, Fixed(joints[joint], 0), kSmallSize, kInk, Align::kCentre);
      continue;
    }
    const bool left = kBody[joint][0] < 0;
    const double beside = radius + 1.5;
    canvas.Text(left ? x - beside : x + beside, y + 2, Fixed(joints[joint], 0), kSmallSize, kInk,
                left ? Align::kRight : Align::kLeft);
  }
  canvas.Text(kMargin, top + kBodyHeight - 2, "person's right", kSmallSize, kInk);
  canvas.Text(width - kMargin, top + kBodyHeight - 2, "person's left", kSmallSize, kInk, Align::kRight);
}

// The largest first; of many the largest and the smallest.
ErrorBars Chosen(const ErrorBars& groups) {
  ErrorBars chosen = groups;
  std::erase_if(chosen.bars, [](const auto& bar) { return !std::isfinite(bar.second); });
  std::ranges::stable_sort(chosen.bars, [](const auto& a, const auto& b) { return a.second > b.second; });
  if (chosen.bars.size() > kMostBars) {
    const auto half = static_cast<ptrdiff_t>(kMostBars / 2);
    chosen.title += Concat(" (", kMostBars / 2, " largest and smallest of ", chosen.bars.size(), ")");
    chosen.bars.erase(chosen.bars.begin() + half, chosen.bars.end() - half);
  }
  return chosen;
}

void DrawBars(Canvas& canvas, const ErrorBars& bars, double width, double top) {
  canvas.Text(kMargin, top + kTextSize, bars.title, kTextSize, kInk, Align::kLeft, true, width - 2 * kMargin);
  top += kTitle;
  double names = 0, most = 0;
  for (const auto& [name, value] : bars.bars) {
    names = std::max(names, canvas.TextWidth(name, kSmallSize));
    most = std::max(most, value);
  }
  names = std::min(names, 0.4 * width);
  const double left = kMargin + names + 4, room = width - kMargin - left - 22;
  for (const auto& [name, value] : bars.bars) {
    const double y = top + kBar / 2;
    canvas.Text(left - 4, y + 2, name, kSmallSize, kInk, Align::kRight, false, names);
    const double length = most > 0 ? room * value / most : 0;
    canvas.Rectangle(left, y - 2.6, length, 5.2, kSky);
    canvas.Text(left + length + 2.5, y + 2, Fixed(value, 1), kSmallSize, kInk);
    top += kBar;
  }
}

}  // namespace

void DrawErrors(const std::string& path, const ErrorFigure& figure, double width_mm) {
  if (!figure.joints.empty() && figure.joints.size() != kJoints)
    throw Error("expected errors of ", kJoints, " joints, found ", figure.joints.size());
  if (figure.joints.empty() && figure.panels.empty() && figure.groups.empty())
    throw Error("expected errors to draw, found none");
  const double width = PointsOf(width_mm);
  const CurvePage curves(path, figure.panels, width);
  std::vector<ErrorBars> groups;
  for (const ErrorBars& group : figure.groups) groups.push_back(Chosen(group));
  double height =
      kMargin + kTitle + (figure.joints.empty() ? 0 : kBodyHeight + 4) + curves.height() + kMargin;
  for (const ErrorBars& group : groups) height += kTitle + kBar * static_cast<double>(group.bars.size()) + 4;
  Canvas canvas(path, width, height, Medium::kPrint);
  double top = kMargin;
  canvas.Text(kMargin, top + kTextSize, figure.title, kTextSize, kInk, Align::kLeft, true,
              width - 2 * kMargin);
  top += kTitle;
  if (!figure.joints.empty()) {
    DrawBody(canvas, figure.joints, width, top);
    top += kBodyHeight + 4;
  }
  curves.Draw(canvas, top);
  top += curves.height();
  for (const ErrorBars& group : groups) {
    DrawBars(canvas, group, width, top);
    top += kTitle + kBar * static_cast<double>(group.bars.size()) + 4;
  }
  canvas.Save();
}

}  // namespace links
