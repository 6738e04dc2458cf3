#include "links/data/pose_mix.h"

#include <algorithm>
#include <cmath>

#include "links/core/error.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

template <class T>
std::vector<T> Take(const std::vector<T>& values, const std::vector<size_t>& rows, size_t width) {
  std::vector<T> taken;
  if (values.empty()) return taken;
  taken.reserve(rows.size() * width);
  for (const size_t row : rows)
    taken.insert(taken.end(), values.begin() + static_cast<ptrdiff_t>(row * width),
                 values.begin() + static_cast<ptrdiff_t>((row + 1) * width));
  return taken;
}

}  // namespace

PoseData MixPoses(const PoseData& poses, const std::vector<double>& shares) {
  std::vector<std::vector<size_t>> of_file(shares.size());
  for (size_t row = 0; row < poses.file.size(); ++row)
    of_file.at(static_cast<size_t>(poses.file[row])).push_back(row);
  double per_share = 0;  // poses
  for (size_t file = 0; file < shares.size(); ++file) {
    if (of_file[file].empty())
      throw Error("expected poses of every file of data.mix, found none of file ", file + 1);
    per_share = std::max(per_share, static_cast<double>(of_file[file].size()) / shares[file]);
  }
  std::vector<size_t> rows;
  for (size_t file = 0; file < shares.size(); ++file) {
    const auto count = static_cast<size_t>(std::lround(per_share * shares[file]));
    for (size_t i = 0; i < count; ++i) rows.push_back(of_file[file][i % of_file[file].size()]);
  }
  PoseData mixed;
  mixed.keypoints_2d = Take(poses.keypoints_2d, rows, 2 * kJoints);
  mixed.joints_3d = Take(poses.joints_3d, rows, 3 * kJoints);
  mixed.confidence = Take(poses.confidence, rows, kJoints);
  mixed.subject = Take(poses.subject, rows, 1);
  mixed.action = Take(poses.action, rows, 1);
  mixed.camera = Take(poses.camera, rows, 1);
  mixed.frame = Take(poses.frame, rows, 1);
  mixed.file = Take(poses.file, rows, 1);
  mixed.source = poses.source;
  mixed.licence = poses.licence;
  mixed.joints = poses.joints;
  mixed.cameras = poses.cameras;
  return mixed;
}

}  // namespace links
