#include "links/motion/moving_pose.h"

#include <algorithm>

namespace links {

MovingPose MovingPoseOf(const LiftedPerson& person) {
  MovingPose pose;
  std::copy(person.joints.begin(), person.joints.end(), pose.joints.begin());
  pose.px = person.px;
  pose.confidence = person.confidence;
  for (int joint = 0; joint < kJoints; ++joint)
    pose.seen[joint] = person.states[joint] != JointState::kGuessed;
  pose.scale_px = person.scale_px;
  pose.root_px = person.root_px;
  pose.root_estimated = person.root_estimated;
  pose.mm_per_unit = person.mm_per_unit;
  pose.upright = person.upright;
  pose.root = person.root;
  return pose;
}

void Put(const MovingPose& pose, LiftedPerson& person) {
  std::copy(pose.joints.begin(), pose.joints.end(), person.joints.begin());
  person.px = pose.px;
  person.confidence = pose.confidence;
  person.scale_px = pose.scale_px;
  person.root_px = pose.root_px;
  person.mm_per_unit = pose.mm_per_unit;
  person.upright = pose.upright;
  person.root = pose.root;
}

}  // namespace links
