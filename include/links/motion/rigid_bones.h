#pragma once

#include <cstdint>
#include <vector>

#include "links/motion/moving_pose.h"

namespace links {

/// Gives the bones of a track one length each, the same on the left and on the right: the median over the
/// poses that show both its ends. Every pose becomes the one of these lengths that is nearest to it in the
/// sense of least squares: a seen joint may leave its ray by kRayDeviation and its depth by kDepthDeviation,
/// a guessed one its place by kGuessDeviation (units of the body), over the directions of the bones by
/// Levenberg and Marquardt's method. The root stays.
void MakeRigid(std::vector<MovingPose>& poses);

inline constexpr double kRayDeviation = .02, kDepthDeviation = .1, kGuessDeviation = .1;

/// What gave way where bones were made rigid.
struct RigidCost {
  int64_t joints = 0;  ///< seen joints but roots
  int64_t left = 0;    ///< those that are more than kLeft px off their keypoint
  double sum_px = 0;   ///< of how far the joints project from their keypoints

  static constexpr double kLeft = 1;

  void Add(const MovingPose& pose);
};

}  // namespace links
