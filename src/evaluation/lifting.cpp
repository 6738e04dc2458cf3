#include "links/evaluation/lifting.h"

#include <torch/torch.h>

#include <algorithm>
#include <functional>

#include "links/geometry/camera.h"

namespace links {
namespace {

constexpr int64_t kChunk = 16384;  // poses lifted at a time: bounds the memory whatever N is

// Applies `lift` to chunks of the poses and gathers the results on the CPU.
torch::Tensor InChunks(const torch::Tensor& keypoints,
                       const std::function<torch::Tensor(const torch::Tensor&)>& lift) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> parts;
  for (const torch::Tensor& chunk : keypoints.split(kChunk)) parts.push_back(lift(chunk).cpu());
  return torch::cat(parts, 0).contiguous();
}

// The place of a scenario in Scenarios().
int64_t IndexOf(const Scenario& scenario) {
  const std::vector<Scenario>& all = Scenarios();
  return std::ranges::find(all, scenario.name, &Scenario::name) - all.begin();
}

}  // namespace

std::vector<Composition> AvailableCompositions(PoseLifters& lifters) {
  std::vector<Composition> available;
  for (const Composition& composition : {LegsTorso(), LeftCore(), RightCore(), FullPose()}) {
    if (lifters->Has(composition)) available.push_back(composition);
  }
  return available;
}

std::vector<LiftedPoses> LiftAll(PoseLifters& lifters, const torch::Tensor& keypoints) {
  std::vector<LiftedPoses> all;
  const auto lift = [&](const Composition& composition) {
    return InChunks(keypoints,
                    [&](const torch::Tensor& chunk) { return lifters->LiftPose(composition, chunk); });
  };
  for (const Composition& composition : AvailableCompositions(lifters)) {
    all.push_back({composition.name, lift(composition)});
    // The three independent poses come first.
    if (composition.name == "right_core" && all.size() == 3) {
      all.push_back({"mean", torch::stack({all[0].joints, all[1].joints, all[2].joints}).mean(0)});
    }
  }
  all.push_back({"flat", InChunks(keypoints, [](const torch::Tensor& chunk) {
                   return Lift(chunk, torch::zeros_like(chunk.select(-1, 0)));
                 })});
  return all;
}

torch::Tensor LiftOccluded3d(PoseLifters& lifters, Fillers& fillers, const Scenario& scenario,
                             const torch::Tensor& keypoints) {
  return InChunks(keypoints, [&](const torch::Tensor& chunk) {
    return fillers->o3d()->Complete(IndexOf(scenario), lifters->LiftPose(scenario.visible, chunk));
  });
}

torch::Tensor LiftOccluded2d(PoseLifters& lifters, Fillers& fillers, const Scenario& scenario,
                             const torch::Tensor& keypoints) {
  return InChunks(keypoints, [&](const torch::Tensor& chunk) {
    return lifters->LiftPose(LegsTorso(), fillers->o2d()->Complete(IndexOf(scenario), chunk));
  });
}

torch::Tensor LiftMasked(PoseLifters& lifters, Completion& completion, const torch::Tensor& keypoints,
                         const torch::Tensor& seen) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor all = seen.to(keypoints.device()).expand({keypoints.size(0), kJoints});
  std::vector<torch::Tensor> parts;
  for (int64_t start = 0; start < keypoints.size(0); start += kChunk) {
    const int64_t count = std::min(kChunk, keypoints.size(0) - start);
    parts.push_back(
        CompletePoses(lifters, completion, keypoints.narrow(0, start, count), all.narrow(0, start, count))
            .joints.cpu());
  }
  return torch::cat(parts, 0).contiguous();
}

}  // namespace links
