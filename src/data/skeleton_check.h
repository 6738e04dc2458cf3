#pragma once

#include <string>

#include "links/data/mocap_clip.h"
#include "links/data/joint_map.h"

namespace links {

/// What a clip's body says of a joint map that has names for all of its joints.
struct SkeletonFit {
  JointMap map;         ///< with the unit and the axis that fit, where those of the map do not
  std::string changed;  ///< what was put right, "" = nothing
  std::string
      wrong;  ///< why the map cannot hold: expected and found, with the factor that would fit; "" = it can
};

/// Measures the body in the clip's poses: stature from ankles to head top along the bones (1.2 to 2.2 m),
/// forearm against upper arm (0.6 to 1.3), head above ankles. Another common unit, and z for y as the
/// vertical axis, are taken where they alone fit; a clip of people who lie keeps the axis of its rest pose.
SkeletonFit FitSkeleton(const MocapClip& clip, const JointMap& map);

}  // namespace links
