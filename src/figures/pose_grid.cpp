#include "links/figures/pose_grid.h"

#include <algorithm>
#include <cmath>

#include "links/core/error.h"
#include "print_style.h"
#include "side_color.h"
#include "skeleton_drawing.h"

namespace links {
namespace {

constexpr double kMostTitle = 0.24;  // of the width, for the titles of rows
constexpr double kCellGap = 2, kNoteHeight = 8, kLegendHeight = 13, kInset = 4;
constexpr double kLeastSize = 4.5, kTextGap = 3;       // of texts over and under cells, and between them
constexpr double kTall = 1.15;                         // height of a cell over its width
constexpr double kMostHeight = 66, kPageHeight = 620;  // of a cell, and about of all rows

int Columns(const GridPose& cell) {
  return static_cast<int>(cell.joints.size()) / kJoints;
}

void CheckCell(const GridPose& cell, const std::string& title, size_t column) {
  const std::string where = Concat("in column ", column + 1, " of the row '", title, "'");
  const size_t count = cell.joints.size();
  if (count != 0 && count != 2 * kJoints && count != 3 * kJoints)
    throw Error("expected ", kJoints, " joints in 2D or 3D ", where, ", found ", count, " numbers");
  if (!cell.guessed.empty() && cell.guessed.size() != kJoints)
    throw Error("expected ", kJoints, " entries in guessed ", where, ", found ", cell.guessed.size());
  for (size_t i = 0; i < count; ++i) {
    if (std::isfinite(cell.joints[i]) || (count == 2 * kJoints && std::isnan(cell.joints[i]))) continue;
    throw Error("expected finite numbers ", where, ", found ", cell.joints[i], " at joint ",
                kJointNames[i / static_cast<size_t>(Columns(cell))]);
  }
}

Points PlacedPoints(const GridPose& cell) {
  if (Columns(cell) == 3) return SeenFrom(cell.joints, kTurnedView);
  Points points;
  for (int j = 0; j < kJoints; ++j) points[j] = {cell.joints[2 * j], cell.joints[2 * j + 1], 0};
  return points;
}

void DrawPicture(Canvas& canvas, const Picture& picture, double x, double y, double width, double height) {
  const int stride = cairo_format_stride_for_width(CAIRO_FORMAT_RGB24, picture.width);
  std::vector<unsigned char> pixels(static_cast<size_t>(stride) * static_cast<size_t>(picture.height));
  for (int row = 0; row < picture.height; ++row) {
    auto* to = reinterpret_cast<uint32_t*>(&pixels[static_cast<size_t>(row) * static_cast<size_t>(stride)]);
    for (int column = 0; column < picture.width; ++column) {
      const size_t at =
          3 * (static_cast<size_t>(row) * static_cast<size_t>(picture.width) + static_cast<size_t>(column));
      const auto byte = [&](size_t k) { return uint32_t{static_cast<unsigned char>(picture.rgb[at + k])}; };
      to[column] = byte(0) << 16 | byte(1) << 8 | byte(2);
    }
  }
  cairo_surface_t* surface = cairo_image_surface_create_for_data(pixels.data(), CAIRO_FORMAT_RGB24,
                                                                 picture.width, picture.height, stride);
  const double scale = std::min(width / picture.width, height / picture.height);
  cairo_t* context = canvas.context();
  cairo_save(context);
  cairo_translate(context, x + (width - scale * picture.width) / 2,
                  y + (height - scale * picture.height) / 2);
  cairo_scale(context, scale, scale);
  cairo_set_source_surface(context, surface, 0, 0);
  cairo_paint(context);
  cairo_restore(context);
  cairo_surface_flush(surface);
  cairo_surface_destroy(surface);
}

/// Where everything of a grid lies.
class GridDrawing {
 public:
  GridDrawing(const std::string& path, const PoseGrid& grid, double width, Medium medium)
      : grid_(grid),
        width_(width),
        measure_(path, 1, 1, medium),
        left_(TitleWidth()),
        cell_width_((width - 2 * kMargin - left_) / static_cast<double>(grid.columns.size())),
        cell_height_(std::min({kTall * cell_width_, kMostHeight,
                               kPageHeight / static_cast<double>(grid.rows.size()) - kNoteHeight})),
        title_size_(ColumnTitleSize()),
        note_size_(NoteSize()),
        canvas_(path, width, Height(), medium) {}

  Canvas& Draw() {
    for (size_t column = 0; column < grid_.columns.size(); ++column) {
      double y = kMargin + kTextSize;
      for (const std::string& line : Lines(grid_.columns[column])) {
        canvas_.Text(CellX(column) + cell_width_ / 2, y, line, title_size_, kInk, Align::kCentre, false,
                     TitleRoom(column));
        y += kTextSize + 1;
      }
    }
    double y = kMargin + TitleHeight();
    for (const PoseGridRow& row : grid_.rows) {
      DrawRow(row, y);
      y += RowHeight(row);
    }
    if (grid_.split > 0) {
      const double x = CellX(grid_.split);
      canvas_.Line(x, kMargin, x, y - kCellGap, kGrey, kHairline);
    }
    DrawLegend();
    return canvas_;
  }

 private:
  static std::vector<std::string> Lines(const std::string& title) {
    const size_t end = title.find('\n');
    if (end == std::string::npos) return {title};
    return {title.substr(0, end), title.substr(end + 1)};
  }

  double TitleWidth() {
    double widest = 0;
    for (const PoseGridRow& row : grid_.rows) {
      for (const std::string& line : Lines(row.title))
        widest = std::max(widest, measure_.TextWidth(line, kTextSize));
    }
    return widest > 0 ? std::min(widest + 4, kMostTitle * width_) : 0;
  }
  double TitleHeight() const {
    size_t lines = 0;
    for (const std::string& title : grid_.columns) {
      if (!title.empty()) lines = std::max(lines, Lines(title).size());
    }
    return static_cast<double>(lines) * (kTextSize + 1) + (lines > 0 ? 2 : 0);
  }
  double RowHeight(const PoseGridRow& row) const {
    const bool notes =
        std::ranges::any_of(row.cells, [](const GridPose& cell) { return !cell.note.empty(); });
    return cell_height_ + (notes ? kNoteHeight : 0) + kCellGap;
  }
  double Height() const {
    double height = 2 * kMargin + TitleHeight() + kLegendHeight;
    for (const PoseGridRow& row : grid_.rows) height += RowHeight(row);
    return height;
  }
  // A title may reach over columns without one.
  double TitleRoom(size_t column) const {
    const auto is_free = [&](size_t other) {
      return other < grid_.columns.size() && grid_.columns[other].empty();
    };
    return is_free(column + 1) && is_free(column - 1) ? 3 * cell_width_ : cell_width_;
  }
  // One size for all texts of a kind, smaller where one would not fit into its room.
  double Fitting(double size, double smaller, const std::string& text, double room) {
    const double width = measure_.TextWidth(text, size);
    return width > room ? std::max(kLeastSize, std::min(smaller, size * room / width)) : smaller;
  }
  double ColumnTitleSize() {
    double smaller = kTextSize;
    for (size_t column = 0; column < grid_.columns.size(); ++column) {
      for (const std::string& line : Lines(grid_.columns[column]))
        smaller = Fitting(kTextSize, smaller, line, TitleRoom(column) - kTextGap);
    }
    return smaller;
  }
  double NoteSize() {
    double smaller = kSmallSize;
    for (const PoseGridRow& row : grid_.rows) {
      for (const GridPose& cell : row.cells)
        smaller = Fitting(kSmallSize, smaller, cell.note, cell_width_ - kTextGap);
    }
    return smaller;
  }
  double CellX(size_t column) const { return kMargin + left_ + static_cast<double>(column) * cell_width_; }

  void DrawRow(const PoseGridRow& row, double y) {
    double line = y + cell_height_ / 2 + 2;
    for (const std::string& text : Lines(row.title)) {
      canvas_.Text(kMargin, line, text, kTextSize, kInk, Align::kLeft, false, left_ - 2);
      line += kTextSize + 1;
    }
    const double across = cell_width_ - 2 * kInset, down = cell_height_ - 2 * kInset;
    double scales[4] = {1e300, 1e300, 1e300, 1e300};
    std::vector<Points> poses;
    std::vector<Box> boxes;
    for (const GridPose& cell : row.cells) {
      poses.emplace_back();
      boxes.emplace_back();
      if (cell.joints.empty()) continue;
      poses.back() = PlacedPoints(cell);
      boxes.back().Add(poses.back());
      double& scale = scales[Columns(cell)];
      scale = std::min(scale, boxes.back().Fit(across, down));
    }
    const double bone = std::clamp(std::min(cell_width_, cell_height_) / 27, 1.3, 2.4);
    for (size_t column = 0; column < row.cells.size(); ++column) {
      const GridPose& cell = row.cells[column];
      const double x = CellX(column);
      if (cell.picture.width > 0) {
        DrawPicture(canvas_, cell.picture, x + 1, y, cell_width_ - 2, cell_height_);
      } else if (!cell.joints.empty()) {
        const Box& box = boxes[column];
        const double scale = scales[Columns(cell)];
        for (Point& p : poses[column]) {
          p.x = x + cell_width_ / 2 + scale * (p.x - (box.left + box.right) / 2);
          p.y = y + cell_height_ / 2 + scale * (p.y - (box.top + box.bottom) / 2);
        }
        DrawSkeleton(canvas_, poses[column], cell.guessed, {bone, 0.62 * bone, 0.95 * bone});
      }
      canvas_.Text(x + cell_width_ / 2, y + cell_height_ + kNoteHeight - 2, cell.note, note_size_, kInk,
                   Align::kCentre, false, cell_width_);
    }
  }

  void DrawLegend() {
    bool guessed = false;
    for (const PoseGridRow& row : grid_.rows) {
      for (const GridPose& cell : row.cells) guessed |= std::ranges::count(cell.guessed, true) > 0;
    }
    const double bone = 2, y = Height() - kMargin - 2;
    double x = kMargin;
    const auto entry = [&](const std::string& name) {
      canvas_.Text(x + 15, y, name, kSmallSize, kInk);
      x += 15 + canvas_.TextWidth(name, kSmallSize) + 8;
    };
    const auto line = [&](const Color& color) { canvas_.Line(x, y - 2, x + 12, y - 2, color, bone); };
    line(SideColor(kLWrist));
    entry("left side");
    line(SideColor(kRWrist));
    DrawCore(canvas_, x, y - 2, x + 12, y - 2, bone);
    entry("right side");
    line(SideColor(kSpine));
    entry("middle");
    if (!guessed) return;
    canvas_.Ring(x + 6, y - 2, 0.95 * bone, kInk);
    entry("not seen");
  }

  const PoseGrid& grid_;
  double width_;
  Canvas measure_;  // of text, before the page's height is known
  double left_, cell_width_, cell_height_, title_size_, note_size_;
  Canvas canvas_;
};

void CheckGrid(const PoseGrid& grid) {
  if (grid.columns.empty() || grid.rows.empty()) throw Error("expected poses to draw, found none");
  if (grid.split >= grid.columns.size())
    throw Error("expected a line before one of ", grid.columns.size(), " columns, found ", grid.split);
  for (const PoseGridRow& row : grid.rows) {
    if (row.cells.size() != grid.columns.size()) {
      throw Error("expected ", grid.columns.size(), " cells in the row '", row.title, "', found ",
                  row.cells.size());
    }
    for (size_t column = 0; column < row.cells.size(); ++column)
      CheckCell(row.cells[column], row.title, column);
  }
}

}  // namespace

void DrawPoseGrid(const std::string& path, const PoseGrid& grid, double width_mm) {
  CheckGrid(grid);
  GridDrawing(path, grid, PointsOf(width_mm), Medium::kPrint).Draw().Save();
}

std::string PoseGridPng(const PoseGrid& grid) {
  CheckGrid(grid);
  return GridDrawing("poses.png", grid, PointsOf(kColumnMm), Medium::kScreen).Draw().Finish();
}

}  // namespace links
