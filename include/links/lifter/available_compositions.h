#pragma once

#include <vector>

#include "links/lifter/pose_lifters.h"
#include "links/skeleton/composition.h"

namespace links {

/// The compositions that the lifters allow, in this order: legs_torso, left_core, right_core, full.
std::vector<Composition> AvailableCompositions(PoseLifters& lifters);

}  // namespace links
