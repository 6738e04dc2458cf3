#pragma once

#include <torch/types.h>

#include <string>

#include "links/evaluation/lifting.h"

namespace links {

/// One of the ways of lifting that an evaluation scores: a composition, or how hidden joints are filled in.
struct LiftingName {
  std::string composition, scenario = "none", filler = "none";
};

/// COMPOSITION ("legs_torso"), or FILLER:SCENARIO: filler o2d, o3d or mask (the completion network), scenario
/// one of the paper's eight, for o3d and mask also joints ("LWrist+RAnkle", as in a file of patterns, or
/// "single/LWrist", "pair/LWrist+RAnkle"), for mask also random_A_B. Throws UsageError for a text without one
/// or the other.
LiftingName ParseLiftingName(const std::string& text);

/// Poses lifted one way, and what was seen of them.
struct NamedLifting {
  torch::Tensor joints;  ///< (N, 17, 3), as LiftedPoses
  torch::Tensor seen;    ///< (N, 17) bool: joints that were not hidden
};

/// Lifts keypoints (N, 17, 2), normalised, on the lifters' device, as the row of that name in an evaluation.
/// fillers and completion may be null. Throws UsageError for what the run does not have.
NamedLifting LiftNamed(PoseLifters& lifters, Fillers* fillers, Completion* completion,
                       const LiftingName& name, const torch::Tensor& keypoints);

}  // namespace links
