#include "links/completion/completion.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "links/dataset/features.h"
#include "links/geometry/camera.h"
#include "links/geometry/shapes.h"
#include "links/network/ensemble.h"
#include "links/skeleton/units.h"

namespace links {
namespace {

// The last layer starts small: the first completion is the mean pose.
constexpr double kHeadGain = 0.1;

// One network, of each run: (1, ..., in) -> (1, ..., out).
ResidualNetwork MakeNetwork(int64_t runs, int64_t inputs, int64_t outputs, int64_t width, int64_t blocks) {
  const auto all = [&](int64_t features) { return ForEachRun(AllFeatures(1, features), runs); };
  return ResidualNetwork(all(inputs), width, blocks, all(outputs), kHeadGain);
}

// The joints with the root's entry replaced by `root`: (..., 1, K) and (..., 17, K), joints at `dim`.
torch::Tensor WithRoot(const torch::Tensor& root, const torch::Tensor& joints, int64_t dim = -1) {
  return torch::cat({root, joints.narrow(dim, 1, kJoints - 1)}, dim);
}

}  // namespace

CompletionImpl::CompletionImpl(const CompletionOptions& options, int64_t runs)
    : joints_(register_module("joints", Standardise(ForEachRun(AllFeatures(1, 3 * kJoints), runs)))),
      keypoints_(register_module("keypoints", Standardise(2 * kJoints))),
      network_(register_module("network",
                               MakeNetwork(runs, 7 * kJoints, 3 * kJoints, options.width, options.blocks))),
      root_network_(register_module("root", MakeNetwork(runs, 3 * kJoints, 2, options.root_width, 1))) {
  bone_lengths = register_buffer("bone_lengths", torch::ones({kBones}));
}

torch::Tensor CompletionImpl::forward(const SeenPoses& poses) {
  const torch::Tensor lifted = poses.lifted.unsqueeze(-1);
  const torch::Tensor ray = poses.seen.logical_and(poses.lifted.logical_not()).unsqueeze(-1);
  const auto numbers = poses.joints.scalar_type();
  // Standardised where known, 0 elsewhere; then the two states of each joint. (1, ..., B, 17, K)
  const torch::Tensor joints = Unflatten(joints_(Flatten(poses.joints)), 3) * lifted;
  const torch::Tensor keypoints = (Unflatten(keypoints_(Flatten(poses.keypoints)), 2) * ray).unsqueeze(0);
  const torch::Tensor input =
      torch::cat({joints, keypoints, lifted.to(numbers).unsqueeze(0), ray.to(numbers).unsqueeze(0)}, -1);
  const torch::Tensor points =
      Unflatten(joints_->Inverse(network_->forward(input.flatten(-2))), 3).squeeze(0);
  const torch::Tensor on_ray = Lift(poses.keypoints, points.select(-1, 2));
  return torch::where(lifted, poses.joints, torch::where(ray, on_ray, points));
}

torch::Tensor CompletionImpl::EstimateRoot(const torch::Tensor& keypoints, const torch::Tensor& seen) {
  CheckLastSizes(keypoints, {-1, kJoints, 2}, "keypoints");
  CheckLastSizes(seen, {-1, kJoints}, "seen joints");
  const torch::Tensor body =
      WithRoot(torch::zeros_like(seen.narrow(-1, 0, 1)), seen).unsqueeze(-1).to(keypoints.scalar_type());
  const torch::Tensor centre = (keypoints * body).sum(-2, true) / body.sum(-2, true).clamp_min(1);
  // Around their own centre, in units of the body's size: numbers of the order of 1.
  const torch::Tensor around = kRootDepth * (keypoints - centre) * body;
  const torch::Tensor offset =
      root_network_->forward(torch::cat({around, body}, -1).flatten(-2).unsqueeze(0)).squeeze(0);
  return centre.squeeze(-2) + offset / kRootDepth;
}

void CompletionImpl::Fit(const torch::Tensor& joints, const torch::Tensor& keypoints) {
  joints_->Fit(Flatten(joints));
  keypoints_->Fit(Flatten(keypoints));
  const torch::NoGradGuard no_grad;
  for (int bone = 0; bone < kBones; ++bone) {
    const auto [parent, child] = kBoneList[bone];
    const torch::Tensor along = keypoints.select(1, child) - keypoints.select(1, parent);
    bone_lengths[bone].copy_(along.norm(2, -1).mean());
  }
}

CompletedPoses CompletePoses(PoseLifters& lifters, Completion& completion, const torch::Tensor& keypoints,
                             const torch::Tensor& seen, const std::vector<Composition>& of_whole) {
  const torch::Tensor root_seen = seen.narrow(1, kRoot, 1);
  const torch::Tensor root =
      torch::where(root_seen, keypoints.select(1, kRoot), completion->EstimateRoot(keypoints, seen));
  const torch::Tensor all_seen = WithRoot(torch::ones_like(root_seen), seen);
  const torch::Tensor around_root = keypoints - root.unsqueeze(1);
  const torch::Tensor centred = WithRoot(torch::zeros_like(around_root.narrow(-2, 0, 1)), around_root, -2);
  const SeenPoses poses = LiftSeen(lifters, centred, all_seen, of_whole);
  const torch::Tensor completed = completion->forward(poses);
  // A second look: the lifters of a whole pose see it with its gaps filled in. Two depths on one ray average
  // to a third on it.
  const torch::Tensor shown = all_seen.unsqueeze(-1);
  const torch::Tensor again = lifters->LiftMean(of_whole, torch::where(shown, centred, Project(completed)));
  const torch::Tensor joints = torch::where(shown, 0.5 * (completed + again), completed);
  return {joints, root, poses.lifted};
}

CompletedPoses CompletePoses(PoseLifters& lifters, Completion& completion, const torch::Tensor& keypoints,
                             const torch::Tensor& seen) {
  return CompletePoses(lifters, completion, keypoints, seen, lifters->OfWholePose());
}

}  // namespace links
