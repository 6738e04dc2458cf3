#pragma once

#include <torch/types.h>

#include <functional>
#include <string>
#include <vector>

#include "links/completion/completion.h"
#include "links/lifter/pose_lifters.h"
#include "links/occlusion/filler.h"

namespace links {

/// How many of so many poses are lifted at a time on a GPU: 65,536, or as many halves of it less as fit a
/// quarter of its free memory, but not below 1024. bytes_a_pose: what is between two layers. free_bytes:
/// asked for the free memory only where the poses could fill some.
int64_t PosesAtOnce(int64_t poses, int64_t bytes_a_pose, const std::function<int64_t()>& free_bytes);

/// A set of lifted poses: (N, 17, 3) float32, root-centred, normalised units, on the CPU.
struct LiftedPoses {
  std::string composition;
  torch::Tensor joints;
};

/// Every composition that the lifters allow, in this order: legs_torso, left_core, right_core, the mean of
/// these three, full, and flat (all depths 0). keypoints: (N, 17, 2) normalised, on the lifters' device.
std::vector<LiftedPoses> LiftAll(PoseLifters& lifters, const torch::Tensor& keypoints);

/// One composition of poses (N, 17, 2): (N, 17, 3), as LiftedPoses.
torch::Tensor LiftPoses(PoseLifters& lifters, const Composition& composition, const torch::Tensor& keypoints);

/// (1, 17) bool: all joints but these.
torch::Tensor SeenWithout(const std::vector<int>& missing);

/// O_3D as at test time: the scenario's rearranged lifters see what is visible, the filler completes it. ->
/// (N, 17, 3), as LiftedPoses.
torch::Tensor LiftOccluded3d(PoseLifters& lifters, Fillers& fillers, const Scenario& scenario,
                             const torch::Tensor& keypoints);

/// The completion network on poses of which only some joints are seen. seen: (N, 17) bool, or (1, 17) for all
/// poses the same. -> (N, 17, 3), as LiftedPoses.
torch::Tensor LiftMasked(PoseLifters& lifters, Completion& completion, const torch::Tensor& keypoints,
                         const torch::Tensor& seen);

/// O_2D: the filler completes the 2D pose, which the legs + torso lifters lift.
torch::Tensor LiftOccluded2d(PoseLifters& lifters, Fillers& fillers, const Scenario& scenario,
                             const torch::Tensor& keypoints);

}  // namespace links
