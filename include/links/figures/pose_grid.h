#pragma once

#include <string>
#include <vector>

#include "links/figures/print_width.h"
#include "links/video/video.h"

namespace links {

/// A cell of a grid of poses; empty without joints and picture.
struct GridPose {
  std::vector<float> joints;       ///< (17, 2) pixels, or (17, 3) camera frame: seen turned by 45 degrees
  std::vector<bool> guessed = {};  ///< (17) joints that were not seen: hollow, the bones to them dashed
  std::string note = {};           ///< below the pose, like its error
  Picture picture = {};            ///< instead of joints
};

struct PoseGridRow {
  std::string title;
  std::vector<GridPose> cells;  ///< one a column
};

struct PoseGrid {
  std::vector<std::string> columns;  ///< titles, in one or two lines; "" = none
  std::vector<PoseGridRow> rows;
  size_t split = 0;  ///< a line before this column; 0 = none
};

/// Draws poses in rows and columns without boxes, as figures 2 to 4 of the paper do, `width_mm` wide. The 3D
/// poses of a row are at one scale, and so are its 2D ones. The file is .svg, .png (300 dpi) or .pdf (else
/// UsageError). Throws Error on wrong lengths and on numbers that are not finite, but for keypoints that are
/// NaN, which are not drawn.
void DrawPoseGrid(const std::string& path, const PoseGrid& grid, double width_mm = kColumnMm);

/// The same for a screen, a column's width: a PNG of 2 pixels a point.
std::string PoseGridPng(const PoseGrid& grid);

}  // namespace links
