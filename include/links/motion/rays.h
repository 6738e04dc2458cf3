#pragma once

#include <algorithm>
#include <array>

#include "links/motion/moving_pose.h"
#include "links/skeleton/units.h"

namespace links {

/// Where a joint is in the image: its keypoint, or where the pose projects.
inline std::array<double, 2> PlaceInImage(const MovingPose& pose, int joint) {
  if (joint == kRoot) return pose.root_px;
  if (pose.seen[joint]) return {pose.px[2 * joint], pose.px[2 * joint + 1]};
  const double depth = std::max(pose.joints[3 * joint + 2] + kRootDepth, 1.);
  std::array<double, 2> place;
  for (int k = 0; k < 2; ++k)
    place[k] = pose.root_px[k] + ToPixels(pose.joints[3 * joint + k] / depth, pose.scale_px);
  return place;
}

/// Puts a joint on the ray of a place in the image, at the depth z from the root, which is at `root` in the
/// image.
inline void PutOnRay(MovingPose& pose, int joint, const std::array<double, 2>& place,
                     const std::array<double, 2>& root, double z) {
  for (int k = 0; k < 2; ++k) {
    pose.joints[3 * joint + k] =
        static_cast<float>((z + kRootDepth) * ToUnits(place[k] - root[k], pose.scale_px));
  }
  pose.joints[3 * joint + 2] = static_cast<float>(z);
}

}  // namespace links
