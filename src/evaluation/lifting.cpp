#include "links/evaluation/lifting.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <functional>

#include "links/device/device.h"
#include "links/geometry/camera.h"
#include "links/lifter/available_compositions.h"

namespace links {
namespace {

// Poses lifted at a time on a GPU.
constexpr int64_t kMostAtOnce = 65536, kFewestAtOnce = 1024;
constexpr int64_t kNeverAsked = 64 << 20;  // bytes

// Keeps what is between two layers in a CPU's cache.
constexpr int64_t kChunkOnCpu = 2048;
// So many of the widest layer's results are there at once.
constexpr int64_t kLayersAtOnce = 4;

int64_t ChunkFor(const torch::Tensor& keypoints, const torch::nn::Module& lifters) {
  if (!keypoints.is_cuda()) return kChunkOnCpu;
  int64_t widest = 0;  // results of a layer for a pose, of all networks side by side
  for (const auto& parameter : lifters.named_parameters()) {
    if (parameter.key().ends_with("bias")) widest = std::max(widest, parameter.value().numel());
  }
  const int64_t bytes = kLayersAtOnce * widest * static_cast<int64_t>(sizeof(float));
  return PosesAtOnce(keypoints.size(0), bytes, [&] { return FreeMemory(keypoints.device()); });
}

// Lifts `count` poses from `first` on, chunk by chunk, and gathers the results along `dim` on the CPU.
torch::Tensor InChunks(PoseLifters& lifters, const torch::Tensor& keypoints, int64_t dim,
                       const std::function<torch::Tensor(int64_t first, int64_t count)>& lift) {
  const torch::NoGradGuard no_grad;
  const int64_t poses = keypoints.size(0), chunk = ChunkFor(keypoints, *lifters);
  std::vector<torch::Tensor> parts;
  for (int64_t first = 0; first < poses; first += chunk)
    parts.push_back(lift(first, std::min(chunk, poses - first)).cpu());
  return torch::cat(parts, dim).contiguous();
}

// The same for work on the keypoints alone.
torch::Tensor InChunks(PoseLifters& lifters, const torch::Tensor& keypoints,
                       const std::function<torch::Tensor(const torch::Tensor&)>& lift, int64_t dim = 0) {
  return InChunks(lifters, keypoints, dim,
                  [&](int64_t first, int64_t count) { return lift(keypoints.narrow(0, first, count)); });
}

}  // namespace

int64_t PosesAtOnce(int64_t poses, int64_t bytes_a_pose, const std::function<int64_t()>& free_bytes) {
  int64_t chunk = kMostAtOnce;
  // Asking takes longer than lifting a few.
  if (std::min(poses, chunk) * bytes_a_pose <= kNeverAsked) return chunk;
  const int64_t most = free_bytes() / 4;
  while (chunk > kFewestAtOnce && chunk * bytes_a_pose > most) chunk /= 2;
  return chunk;
}

std::vector<LiftedPoses> LiftAll(PoseLifters& lifters, const torch::Tensor& keypoints) {
  const std::vector<Composition> compositions = AvailableCompositions(lifters);
  const torch::Tensor selection = lifters->Selection(compositions, keypoints.device());
  // Every lifter is asked once, whatever compositions use it: (P, N, 17, 3).
  const torch::Tensor poses = InChunks(
      lifters, keypoints,
      [&](const torch::Tensor& chunk) { return ComposePoses(chunk, lifters->Depths(chunk), selection); }, 1);
  std::vector<LiftedPoses> all;
  for (size_t i = 0; i < compositions.size(); ++i) {
    all.push_back({compositions[i].name, poses[static_cast<int64_t>(i)]});
    // The three independent poses come first.
    if (compositions[i].name == "right_core" && all.size() == 3)
      all.push_back({"mean", poses.narrow(0, 0, 3).mean(0)});
  }
  all.push_back({"flat", InChunks(lifters, keypoints, [](const torch::Tensor& chunk) {
                   return Lift(chunk, torch::zeros_like(chunk.select(-1, 0)));
                 })});
  return all;
}

torch::Tensor LiftPoses(PoseLifters& lifters, const Composition& composition,
                        const torch::Tensor& keypoints) {
  return InChunks(lifters, keypoints,
                  [&](const torch::Tensor& chunk) { return lifters->LiftPose(composition, chunk); });
}

torch::Tensor SeenWithout(const std::vector<int>& missing) {
  torch::Tensor seen = torch::ones({1, kJoints}, torch::kBool);
  for (int joint : missing) seen[0][joint] = false;
  return seen;
}

torch::Tensor LiftOccluded3d(PoseLifters& lifters, Fillers& fillers, const Scenario& scenario,
                             const torch::Tensor& keypoints) {
  return InChunks(lifters, keypoints, [&](const torch::Tensor& chunk) {
    return fillers->o3d()->Complete(scenario, lifters->LiftPose(scenario.visible, chunk));
  });
}

torch::Tensor LiftOccluded2d(PoseLifters& lifters, Fillers& fillers, const Scenario& scenario,
                             const torch::Tensor& keypoints) {
  return InChunks(lifters, keypoints, [&](const torch::Tensor& chunk) {
    return lifters->LiftPose(LegsTorso(), fillers->o2d()->Complete(scenario, chunk));
  });
}

torch::Tensor LiftMasked(PoseLifters& lifters, Completion& completion, const torch::Tensor& keypoints,
                         const torch::Tensor& seen) {
  const torch::Tensor all = seen.to(keypoints.device()).expand({keypoints.size(0), kJoints});
  return InChunks(lifters, keypoints, 0, [&](int64_t first, int64_t count) {
    return CompletePoses(lifters, completion, keypoints.narrow(0, first, count), all.narrow(0, first, count))
        .joints;
  });
}

}  // namespace links
