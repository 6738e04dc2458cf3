#pragma once

#include <string>
#include <vector>

namespace links {

/// One pose of a figure. Each vector is empty (not shown) or complete.
struct PosePanel {
  std::string title;
  std::vector<float> keypoints_2d;  ///< (17, 2) pixels, x right, y down
  std::vector<float> joints_3d;     ///< (17, 3) camera frame (x right, y down, z forward), any unit
  std::vector<float> truth_3d;      ///< (17, 3) in the unit of joints_3d, drawn beneath it in one pale colour
  std::vector<bool> guessed{};      ///< (17) joints of joints_3d that were not seen: drawn hollow
};

inline constexpr size_t kMostPoses = 200;  ///< of one figure

/// Throws UsageError unless the name ends in .svg, .png or .pdf, and Error unless a file can be made there:
/// to be called before long work.
void CheckFigurePath(const std::string& path);

/// Draws each pose as a row: the keypoints, then the 3D pose from the camera, turned by 45 degrees and from
/// the side, all at one scale, with the hips of joints_3d and truth_3d at one place. Several rows stand side
/// by side when there are many poses. The kind of file follows the extension of `path`: .svg, .png or .pdf
/// (else UsageError). Throws Error on a wrong length, on numbers that are not finite, and when there is
/// nothing to draw.
void DrawPoses(const std::string& path, const std::vector<PosePanel>& panels);

}  // namespace links
