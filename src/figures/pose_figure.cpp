#include "links/figures/pose_figure.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string_view>

#include "canvas.h"
#include "links/core/error.h"
#include "links/skeleton/skeleton.h"
#include "skeleton_drawing.h"

namespace links {
namespace {

constexpr double kCellWidth = 150, kCellHeight = 190, kCellMargin = 12, kCellGap = 4;
constexpr double kMinRowWidth = 330;  // the legend fits below
constexpr double kTitleHeight = 24, kCaptionHeight = 16;
constexpr double kRowGap = 14, kColumnGap = 30, kPageMargin = 18, kLegendHeight = 26;
constexpr double kBoneWidth = 3, kTruthWidth = 7, kRingRadius = 3.2, kDotRadius = 2.4;
constexpr SkeletonSize kSkeleton = {kBoneWidth, kDotRadius, kRingRadius};
constexpr Color kTruthColor = {0.66, 0.86, 0.81};

struct NamedView {
  const char* caption;
  View view;
};
constexpr std::array<NamedView, 3> kViews = {{{"3D, camera view", {}},
                                              {"3D, turned 45\u00b0", kTurnedView},
                                              {"3D, side (camera at left)", {std::numbers::pi / 2, 0}}}};

/// Joints in 2D may be missing: NaN.
void CheckNumbers(const std::vector<float>& numbers, int columns, const char* name, size_t panel) {
  if (numbers.empty()) return;
  if (numbers.size() != size_t{kJoints} * static_cast<size_t>(columns)) {
    throw Error("expected ", kJoints, " x ", columns, " numbers in ", name, " of pose ", panel,
                " of the figure, found ", numbers.size());
  }
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (!std::isfinite(numbers[i]) && !(columns == 2 && std::isnan(numbers[i]))) {
      throw Error("expected finite numbers in ", name, " of pose ", panel, " of the figure, found ",
                  numbers[i], " at joint ", kJointNames[i / columns]);
    }
  }
}

void CheckPanels(const std::vector<PosePanel>& panels) {
  if (panels.empty()) throw Error("expected at least one pose to draw, found none");
  if (panels.size() > kMostPoses) {
    throw UsageError("expected at most ", kMostPoses, " poses in a figure, found ", panels.size());
  }
  for (size_t i = 0; i < panels.size(); ++i) {
    const PosePanel& panel = panels[i];
    CheckNumbers(panel.keypoints_2d, 2, "keypoints_2d", i);
    CheckNumbers(panel.joints_3d, 3, "joints_3d", i);
    CheckNumbers(panel.truth_3d, 3, "truth_3d", i);
    if (!panel.guessed.empty() && panel.guessed.size() != kJoints) {
      throw Error("expected ", kJoints, " entries in guessed of pose ", i, " of the figure, found ",
                  panel.guessed.size());
    }
    if (panel.keypoints_2d.empty() && panel.joints_3d.empty() && panel.truth_3d.empty()) {
      throw Error("expected keypoints or joints in pose ", i, " of the figure, found neither");
    }
  }
}

// The scale at which the box fills a cell; a pose of no extent gets 1.
double Fit(const Box& box) {
  return box.Fit(kCellWidth - 2 * kCellMargin, kCellHeight - 2 * kCellMargin);
}

// One cell of a row: its skeletons (the first drawn first) and what encloses them.
struct Cell {
  const char* caption = "";
  Points pose{}, truth{};
  bool has_pose = false, has_truth = false;
  std::vector<bool> guessed;
  Box box;
};

Cell KeypointCell(const PosePanel& panel) {
  Cell cell;
  cell.caption = "2D keypoints";
  if (panel.keypoints_2d.empty()) return cell;
  for (int j = 0; j < kJoints; ++j)
    cell.pose[j] = {panel.keypoints_2d[2 * j], panel.keypoints_2d[2 * j + 1], 0};
  cell.has_pose = std::any_of(cell.pose.begin(), cell.pose.end(), IsSeen);
  cell.guessed = panel.guessed;
  cell.box.Add(cell.pose);
  return cell;
}

Cell ViewCell(const PosePanel& panel, const NamedView& view) {
  Cell cell;
  cell.caption = view.caption;
  if (!panel.truth_3d.empty()) {
    cell.truth = SeenFrom(panel.truth_3d, view.view);
    cell.has_truth = true;
    cell.box.Add(cell.truth);
  }
  if (!panel.joints_3d.empty()) {
    cell.pose = SeenFrom(panel.joints_3d, view.view);
    cell.has_pose = true;
    cell.guessed = panel.guessed;
    cell.box.Add(cell.pose);
  }
  return cell;
}

void DrawCell(Canvas& canvas, const Cell& cell, double x, double y, double scale) {
  cairo_t* context = canvas.context();
  cairo_set_source_rgb(context, 0.965, 0.967, 0.975);
  cairo_rectangle(context, x, y, kCellWidth, kCellHeight);
  cairo_fill(context);
  canvas.Text(x + kCellWidth / 2, y + kCellHeight + kCaptionHeight - 4, cell.caption, 10, kGrey,
              Align::kCentre);
  const auto place = [&](Points points) {
    for (Point& p : points) {
      p.x = x + kCellWidth / 2 + scale * (p.x - (cell.box.left + cell.box.right) / 2);
      p.y = y + kCellHeight / 2 + scale * (p.y - (cell.box.top + cell.box.bottom) / 2);
    }
    return points;
  };
  if (cell.has_truth) DrawBones(canvas, place(cell.truth), kTruthWidth, kTruthColor);
  if (cell.has_pose) DrawSkeleton(canvas, place(cell.pose), cell.guessed, kSkeleton);
}

struct Layout {
  bool keypoints = false, joints = false, truth = false, guessed = false;
  int cells = 0, columns = 1, rows = 1;
  double row_width = 0, width = 0, height = 0;

  explicit Layout(const std::vector<PosePanel>& panels) {
    for (const PosePanel& panel : panels) {
      keypoints |= !panel.keypoints_2d.empty();
      joints |= !panel.joints_3d.empty() || !panel.truth_3d.empty();
      truth |= !panel.truth_3d.empty();
      guessed |= std::find(panel.guessed.begin(), panel.guessed.end(), true) != panel.guessed.end();
    }
    cells = (keypoints ? 1 : 0) + (joints ? static_cast<int>(kViews.size()) : 0);
    row_width = std::max(cells * (kCellWidth + kCellGap) - kCellGap, kMinRowWidth);
    const double row_height = RowHeight();
    // As many columns as bring the page nearest to a landscape sheet.
    const auto count = static_cast<double>(panels.size());
    columns = std::clamp(static_cast<int>(std::lround(std::sqrt(1.2 * count * row_height / row_width))), 1,
                         static_cast<int>(panels.size()));
    rows = static_cast<int>((panels.size() + columns - 1) / columns);
    width = 2 * kPageMargin + columns * row_width + (columns - 1) * kColumnGap;
    height = 2 * kPageMargin + rows * row_height - kRowGap + kLegendHeight;
  }
  static double RowHeight() { return kTitleHeight + kCellHeight + kCaptionHeight + kRowGap; }
};

void DrawRow(Canvas& canvas, const PosePanel& panel, const Layout& layout, double x, double y) {
  canvas.Text(x, y + 15, panel.title, 12.5, kInk, Align::kLeft, true, layout.row_width);
  y += kTitleHeight;
  std::vector<Cell> views;
  if (layout.joints) {
    for (const NamedView& view : kViews) views.push_back(ViewCell(panel, view));
  }
  double scale = 1e300;
  for (const Cell& cell : views) {
    if (cell.has_pose || cell.has_truth) scale = std::min(scale, Fit(cell.box));
  }
  if (layout.keypoints) {
    const Cell cell = KeypointCell(panel);
    double fit = cell.has_pose ? Fit(cell.box) : 1;
    // As large as the same pose in the camera view, where there is one.
    if (cell.has_pose && scale < 1e300) {
      const double seen = std::max(views[0].box.width(), views[0].box.height());
      const double size = std::max(cell.box.width(), cell.box.height());
      if (seen > 0 && size > 0) fit = std::min(fit, scale * seen / size);
    }
    DrawCell(canvas, cell, x, y, fit);
    x += kCellWidth + kCellGap;
  }
  for (const Cell& cell : views) {
    DrawCell(canvas, cell, x, y, scale);
    x += kCellWidth + kCellGap;
  }
}

void DrawLegend(Canvas& canvas, const Layout& layout) {
  struct Entry {
    const char* name;
    Color color;
    double width;
  };
  std::vector<Entry> entries = {
      {"left side", kVermilion, kBoneWidth}, {"right side", kBlue, kBoneWidth}, {"middle", kInk, kBoneWidth}};
  if (layout.truth) entries.push_back({"ground truth", kTruthColor, kTruthWidth});
  double x = kPageMargin;
  const double y = layout.height - kPageMargin;
  for (const Entry& entry : entries) {
    canvas.Line(x, y - 4, x + 18, y - 4, entry.color, entry.width);
    if (entry.name == std::string_view("right side")) DrawCore(canvas, x, y - 4, x + 18, y - 4, entry.width);
    canvas.Text(x + 24, y, entry.name, 11, kInk);
    x += 24 + canvas.TextWidth(entry.name, 11) + 20;
  }
  if (!layout.guessed) return;
  canvas.Ring(x + 9, y - 4, kRingRadius, kInk);
  canvas.Text(x + 20, y, "not seen", 11, kInk);
}

}  // namespace

void DrawPoses(const std::string& path, const std::vector<PosePanel>& panels) {
  CheckPanels(panels);
  const Layout layout(panels);
  Canvas canvas(path, layout.width, layout.height);
  for (size_t i = 0; i < panels.size(); ++i) {
    const size_t row = i / layout.columns, column = i % layout.columns;
    DrawRow(canvas, panels[i], layout,
            kPageMargin + static_cast<double>(column) * (layout.row_width + kColumnGap),
            kPageMargin + static_cast<double>(row) * Layout::RowHeight());
  }
  DrawLegend(canvas, layout);
  canvas.Save();
}

}  // namespace links
