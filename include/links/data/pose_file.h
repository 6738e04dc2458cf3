#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace links {

/// Poses in memory, as a pose file holds them. Every vector is empty (absent) or has the length of `size()` poses.
struct PoseData {
  std::vector<float> keypoints_2d;  ///< (N, 17, 2) pixels, x right, y down
  std::vector<float> joints_3d;     ///< (N, 17, 3) mm, camera frame: x right, y down, z forward; may be absent
  std::vector<float> confidence;    ///< (N, 17); may be absent
  std::vector<std::string> subject, action, camera;  ///< (N); may be absent
  std::vector<int64_t> frame;                        ///< (N); may be absent
  std::string source;                                ///< where the poses come from
  std::string licence;

  int64_t size() const { return static_cast<int64_t>(keypoints_2d.size()) / 34; }
};

/// Which poses of a file to read. An empty list means all.
struct PoseSelection {
  std::vector<std::string> subjects, actions, cameras;
  int64_t stride = 1;  ///< keeps every stride-th of the poses that pass the lists

  template <class V>
  void Fields(V& v);
};

/// Reads a pose file and checks all of it: format, version, skeleton, shapes, types, equal lengths, finite numbers.
/// Throws Error naming the file, the data set and the first offending row.
PoseData ReadPoseFile(const std::string& path, const PoseSelection& selection = {});

/// Reads several files one after the other into one PoseData; a part that one of them lacks is absent from the result.
PoseData ReadPoseFiles(const std::vector<std::string>& paths, const PoseSelection& selection = {});

/// Writes a pose file. A crash or a full disk leaves an earlier file of that name as it was.
void WritePoseFile(const std::string& path, const PoseData& poses);

}  // namespace links
