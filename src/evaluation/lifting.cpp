#include "links/evaluation/lifting.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <functional>

#include "links/geometry/camera.h"
#include "links/lifter/available_compositions.h"

namespace links {
namespace {

// Poses lifted at a time: bounds the memory whatever N is, and keeps what is between two layers in a CPU's
// cache.
int64_t ChunkOn(torch::Device device) {
  return device.is_cpu() ? 2048 : 65536;
}

// Lifts `count` poses from `first` on, chunk by chunk, and gathers the results along `dim` on the CPU.
torch::Tensor InChunks(const torch::Tensor& keypoints, int64_t dim,
                       const std::function<torch::Tensor(int64_t first, int64_t count)>& lift) {
  const torch::NoGradGuard no_grad;
  const int64_t poses = keypoints.size(0), chunk = ChunkOn(keypoints.device());
  std::vector<torch::Tensor> parts;
  for (int64_t first = 0; first < poses; first += chunk)
    parts.push_back(lift(first, std::min(chunk, poses - first)).cpu());
  return torch::cat(parts, dim).contiguous();
}

// The same for work on the keypoints alone.
torch::Tensor InChunks(const torch::Tensor& keypoints,
                       const std::function<torch::Tensor(const torch::Tensor&)>& lift, int64_t dim = 0) {
  return InChunks(keypoints, dim,
                  [&](int64_t first, int64_t count) { return lift(keypoints.narrow(0, first, count)); });
}

}  // namespace

std::vector<LiftedPoses> LiftAll(PoseLifters& lifters, const torch::Tensor& keypoints) {
  const std::vector<Composition> compositions = AvailableCompositions(lifters);
  const torch::Tensor selection = lifters->Selection(compositions, keypoints.device());
  // Every lifter is asked once, whatever compositions use it: (P, N, 17, 3).
  const torch::Tensor poses = InChunks(
      keypoints,
      [&](const torch::Tensor& chunk) { return ComposePoses(chunk, lifters->Depths(chunk), selection); }, 1);
  std::vector<LiftedPoses> all;
  for (size_t i = 0; i < compositions.size(); ++i) {
    all.push_back({compositions[i].name, poses[static_cast<int64_t>(i)]});
    // The three independent poses come first.
    if (compositions[i].name == "right_core" && all.size() == 3)
      all.push_back({"mean", poses.narrow(0, 0, 3).mean(0)});
  }
  all.push_back({"flat", InChunks(keypoints, [](const torch::Tensor& chunk) {
                   return Lift(chunk, torch::zeros_like(chunk.select(-1, 0)));
                 })});
  return all;
}

torch::Tensor LiftPoses(PoseLifters& lifters, const Composition& composition,
                        const torch::Tensor& keypoints) {
  return InChunks(keypoints,
                  [&](const torch::Tensor& chunk) { return lifters->LiftPose(composition, chunk); });
}

torch::Tensor LiftOccluded3d(PoseLifters& lifters, Fillers& fillers, const Scenario& scenario,
                             const torch::Tensor& keypoints) {
  return InChunks(keypoints, [&](const torch::Tensor& chunk) {
    return fillers->o3d()->Complete(scenario, lifters->LiftPose(scenario.visible, chunk));
  });
}

torch::Tensor LiftOccluded2d(PoseLifters& lifters, Fillers& fillers, const Scenario& scenario,
                             const torch::Tensor& keypoints) {
  return InChunks(keypoints, [&](const torch::Tensor& chunk) {
    return lifters->LiftPose(LegsTorso(), fillers->o2d()->Complete(scenario, chunk));
  });
}

torch::Tensor LiftMasked(PoseLifters& lifters, Completion& completion, const torch::Tensor& keypoints,
                         const torch::Tensor& seen) {
  const torch::Tensor all = seen.to(keypoints.device()).expand({keypoints.size(0), kJoints});
  return InChunks(keypoints, 0, [&](int64_t first, int64_t count) {
    return CompletePoses(lifters, completion, keypoints.narrow(0, first, count), all.narrow(0, first, count))
        .joints;
  });
}

}  // namespace links
