#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "links/core/scratch_file.h"
#include "links/detection/detection.h"
#include "links/inference/body_scale.h"
#include "links/motion/moving_pose.h"

namespace links {

/// The people of an input, detected and lifted, by their number in the order in which they came. They lie in
/// temporary files; in memory are 24 bytes a person, and the names of tracks.
class PoseStore {
 public:
  /// A detected person with what is found out of it.
  struct Detected {
    Joints2d joints;
    BodyScale scale;
    std::string unusable;
  };

  void Add(const DetectedFrame& frame);
  int64_t people() const { return static_cast<int64_t>(offsets_.size()); }

  /// The people of each track, each in another frame.
  const std::map<std::string, std::vector<int64_t>>& tracks() const { return tracks_; }

  int64_t FrameOf(int64_t id);
  Detected GetDetected(int64_t id);
  /// `unusable` stays as it is.
  void PutDetected(int64_t id, const Detected& detected);

  void AddLifted(int64_t id, const LiftedPerson& person);
  bool IsUsable(int64_t id);  ///< whether there is a pose
  MovingPose GetPose(int64_t id);
  void PutPose(int64_t id, const MovingPose& pose);

  /// Begins with the first frame again.
  void Rewind();
  /// The next frame with the scales of its people, who are numbered from `first` on; false at the end.
  bool Next(DetectedFrame& frame, std::vector<BodyScale>& scales, int64_t& first);
  /// The next frame as it was lifted.
  bool Next(LiftedFrame& frame);

 private:
  struct Record;

  Record Read(int64_t id);
  bool NextHead(std::string& image, int64_t& index, int64_t& count);
  int32_t NumberOf(const std::string& text);

  ScratchFile frames_{"keep frames"}, detected_{"keep keypoints"}, lifted_{"keep poses"};
  std::vector<int64_t> offsets_;  // of lifted people; -1 = not lifted yet
  std::map<std::string, std::vector<int64_t>> tracks_;
  std::vector<std::string> texts_;  // tracks, and whatever else is said often
  std::unordered_map<std::string, int32_t> numbers_;
  int64_t next_frame_ = 0, next_person_ = 0;
};

}  // namespace links
