#pragma once

#include <torch/types.h>

#include <vector>

#include "links/lifter/pose_lifters.h"
#include "links/skeleton/composition.h"

namespace links {

/// What is known of each joint of a batch of poses, whatever joints are missing. All tensors have static
/// shapes: a segment whose joints are not all seen is lifted too, and the result not used.
struct SeenPoses {
  torch::Tensor keypoints;  ///< (..., B, 17, 2) normalised, (0, 0) where unseen; the root is (0, 0)
  torch::Tensor seen;       ///< (..., B, 17) bool; the root counts as seen, given or estimated
  torch::Tensor
      joints;  ///< (..., B, 17, 3) root-centred, normalised: what the lifters say, (0, 0, 0) elsewhere
  torch::Tensor lifted;  ///< (..., B, 17) bool: joints of a segment that is seen as a whole; the root is
};

/// Lifts a pose of which every joint is seen with the mean depths of `of_whole`, of others every segment that
/// is seen as a whole: legs by the legs' lifter, the upper body by the torso's;
/// where one of these lacks a joint, by the left or the right lifter. These are the paper's rearranged
/// lifters for its eight scenarios, and go as far for every other pattern. keypoints: (..., B, 17, 2), seen:
/// (..., B, 17) bool. Needs the legs, torso, left and right lifters.
SeenPoses LiftSeen(PoseLifters& lifters, const torch::Tensor& keypoints, const torch::Tensor& seen,
                   const std::vector<Composition>& of_whole);
/// The same with those of the run's whole_pose.
SeenPoses LiftSeen(PoseLifters& lifters, const torch::Tensor& keypoints, const torch::Tensor& seen);

}  // namespace links
