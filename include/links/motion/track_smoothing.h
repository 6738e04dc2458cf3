#pragma once

#include <cstdint>
#include <vector>

#include "links/detection/keypoint_map.h"
#include "links/motion/moving_pose.h"

namespace links {

/// How a track is smoothed.
struct Smoothing {
  double cutoff = 0;   ///< cycles a frame, above 0 and below 1/2
  int64_t bridge = 0;  ///< up to so many frames in which a joint is missing are bridged
};

/// Smooths every joint of a track (SmoothZeroPhase) over each stretch in which it is not missing for longer
/// than `bridge`, by its confidence. In the frames between it then counts as seen, with the confidence 0.
/// Returns how often. frames: ascending, one for each of the joints.
int64_t SmoothKeypoints(const std::vector<int64_t>& frames, const Smoothing& smoothing,
                        std::vector<Joints2d>& joints);

/// Smooths the depths of all joints and, where they were not seen, their places in the image and that of the
/// root over each stretch of a track without a gap above `bridge`. Seen joints stay on the rays of their
/// keypoints. frames: ascending, one for each of the poses.
void SmoothPoses(const std::vector<int64_t>& frames, const Smoothing& smoothing,
                 std::vector<MovingPose>& poses);

/// Smooths the directions of the bones over the same stretches, which keep their lengths: for poses that are
/// rigid.
void SmoothDirections(const std::vector<int64_t>& frames, const Smoothing& smoothing,
                      std::vector<MovingPose>& poses);

}  // namespace links
