#pragma once

#include <array>
#include <bitset>
#include <cstdint>

#include "links/lifted/lifted_pose.h"

namespace links {

/// What of a lifted person changes when its track is made steady.
struct MovingPose {
  std::array<float, kJoints * 3> joints{};  ///< as LiftedPerson::joints
  std::array<float, kJoints * 2> px{};      ///< its keypoints
  std::array<float, kJoints> confidence{};
  std::bitset<kJoints> seen;  ///< joints that have a keypoint
  double scale_px = 0;
  std::array<double, 2> root_px{};
  bool root_estimated = false;
  double mm_per_unit = 0;  ///< 0 = not known
  bool upright = false;
  std::array<double, 3> root{};  ///< as LiftedPerson::root
};

MovingPose MovingPoseOf(const LiftedPerson& person);

/// Writes it back.
void Put(const MovingPose& pose, LiftedPerson& person);

}  // namespace links
