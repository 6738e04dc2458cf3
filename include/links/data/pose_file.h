#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "links/config/field.h"
#include "links/skeleton/joint_definition.h"

namespace links {

/// Poses in memory, as a pose file holds them. Every vector is empty (absent) or has the length of `size()`
/// poses.
struct PoseData {
  std::vector<float> keypoints_2d;  ///< (N, 17, 2) pixels, x right, y down; NaN = not seen
  std::vector<float> joints_3d;   ///< (N, 17, 3) mm, camera frame: x right, y down, z forward; may be absent
  std::vector<float> confidence;  ///< (N, 17); may be absent
  std::vector<std::string> subject, action, camera;  ///< (N); may be absent
  std::vector<int64_t> frame;                        ///< (N); may be absent
  std::vector<int32_t> file;  ///< (N) which of the files read a pose is from, 0, 1, ...; may be absent
  std::string source;         ///< where the poses come from
  std::string licence;
  JointDefinition joints = JointDefinition::kNotStated;
  std::string cameras;  ///< what virtual cameras they were seen by; "" = not said

  int64_t size() const { return static_cast<int64_t>(keypoints_2d.size()) / 34; }
};

/// Which poses of a file to read. An empty list means all.
struct PoseSelection {
  std::vector<std::string> subjects, actions, cameras;
  int64_t stride = 1;  ///< keeps every stride-th of the poses that pass the lists

  template <class V>
  void Fields(V& v) {
    v("subjects", subjects, "subjects to keep; empty = all");
    v("actions", actions, "actions to keep; empty = all");
    v("cameras", cameras, "cameras to keep; empty = all");
    v("stride", stride, Range{1, 1000000}, "keep every stride-th pose of those selected");
  }
};

// The file is HDF5 (skeleton "h36m17", all of it checked on reading):
//   /keypoints_2d (N, 17, 2) float   pixels; NaN where not seen      required
//   /joints_3d    (N, 17, 3) float   mm, camera frame, z > 0        optional
//   /confidence   (N, 17)    float                                  optional
//   /subject /action /camera (N)     UTF-8, fixed or variable length, optional
//   /frame        (N)        integer                                optional
//   attributes format = "links-pose", version = 1, skeleton = "h36m17", and optionally source, licence,
//   joints = "mocap" or "detector" (not said: "mocap" where there are /joints_3d), cameras

/// What /joints_3d are. Ground truth must be finite and in front of the camera; predictions may lie anywhere
/// within the bounds and may hold poses that are not finite, which an evaluation counts.
enum class Joints3d { kGroundTruth, kPrediction };

/// Reads a pose file and checks all of it: format, version, skeleton, shapes, types, equal lengths,
/// numbers within the bounds of bounds.h, pixels, joints in front of the camera. What stands for a joint that
/// was not seen becomes NaN (MarkMissingJoints). Throws Error naming the file, the data set and the first
/// offending row, and UsageError when the selection names a subject, action or camera that the file does not
/// have.
PoseData ReadPoseFile(const std::string& path, const PoseSelection& selection = {},
                      Joints3d joints = Joints3d::kGroundTruth);

/// Reads several files one after the other into one PoseData; a part that one of them lacks is absent from
/// the result. The selection applies to all of them together. Warns of files whose joints are of different
/// definitions.
PoseData ReadPoseFiles(const std::vector<std::string>& paths, const PoseSelection& selection = {},
                       Joints3d joints = Joints3d::kGroundTruth);

/// Checks what the reader checks of a file's contents; `origin` stands for the file's name in messages.
void CheckPoses(const PoseData& poses, const std::string& origin, Joints3d joints = Joints3d::kGroundTruth);

/// Writes a pose file. Numbers are stored uncompressed (they hardly compress), strings with gzip level 1,
/// both with checksums. A crash or a full disk leaves an earlier file of that name as it was.
void WritePoseFile(const std::string& path, const PoseData& poses, Joints3d joints = Joints3d::kGroundTruth);

}  // namespace links
