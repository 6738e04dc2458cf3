#include "links/loss/distillation_loss.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "links/geometry/rotation.h"
#include "links/geometry/shapes.h"

namespace links {
namespace {

// Summed over the coordinates of each scenario's missing joints, mean over the batch: (S, ...).
torch::Tensor SquaredError(ScenarioFillers& fillers, const torch::Tensor& seen, const torch::Tensor& target) {
  return ((fillers->forward(seen) - target).square() * fillers->missing()).sum({-2, -1}).mean(-1);
}

// The poses ([S,] ..., B, 17, 3) followed by rotated copies of them.
torch::Tensor WithCopies(const torch::Tensor& pose, const std::vector<torch::Tensor>& rotations) {
  std::vector<torch::Tensor> all = {pose};
  for (const torch::Tensor& rotation : rotations) all.push_back(Rotate(rotation, pose));
  return torch::cat(all, -3);
}

// The depths of all lifters, with noise on them.
torch::Tensor NoisyDepths(PoseLifters& lifters, const torch::Tensor& keypoints, double deviation,
                          const RandomStreams& streams) {
  const torch::Tensor depths = lifters->Depths(keypoints);
  return deviation > 0 ? depths + deviation * streams.Normal(depths, depths.dim() - 3) : depths;
}

}  // namespace

// The joints that O_3D sees, of `pose`, the teacher's, or in each scenario: ([S,] ..., B, 17, 3).
torch::Tensor DistillationLoss::Seen(const std::vector<Scenario>& scenarios, PoseLifters& lifters,
                                     const torch::Tensor& keypoints, const torch::Tensor& pose,
                                     const RandomStreams& streams) const {
  if (options_.input == FillerInput::kTeacher && options_.depth_noise == 0) return pose;
  const torch::Tensor depths = NoisyDepths(lifters, keypoints, options_.depth_noise, streams);
  const auto compose = [&](const std::vector<Composition>& compositions) {
    return ComposePoses(keypoints, depths, lifters->Selection(compositions, keypoints.device()));
  };
  if (options_.input == FillerInput::kTeacher) return compose({LegsTorso()}).squeeze(0);
  std::vector<Composition> visible;
  for (const Scenario& scenario : scenarios) visible.push_back(scenario.visible);
  torch::Tensor rearranged = compose(visible);
  if (options_.input == FillerInput::kRearranged) return rearranged;
  const int64_t poses = rearranged.size(-3), half = poses / 2;
  return torch::cat({compose({LegsTorso()}).expand_as(rearranged).narrow(-3, 0, half),
                     rearranged.narrow(-3, half, poses - half)},
                    -3);
}

// Eq. 7.
StepLoss DistillationLoss::operator()(Fillers& fillers, PoseLifters& teacher, const torch::Tensor& keypoints,
                                      const RandomStreams& streams) const {
  torch::Tensor target, seen;
  {
    const torch::NoGradGuard no_grad;
    const TaughtPoses taught = AskTeacher(teacher, {LegsTorso()}, copies_, keypoints, streams);
    target = WithCopies(taught.joints, taught.rotations);
    seen =
        WithCopies(Seen(fillers->scenarios(), teacher, keypoints, taught.joints, streams), taught.rotations);
  }
  const double share = 1.0 + static_cast<double>(options_.rotated_copies);  // eq. 7 sums over the copies
  const torch::Tensor error_3d = share * SquaredError(fillers->o3d(), seen, target);
  const torch::Tensor error_2d = SquaredError(fillers->o2d(), keypoints, keypoints);

  StepLoss loss{SumInOrder(error_3d) + SumInOrder(error_2d), {}};
  int64_t n = 0;
  for (const Scenario& scenario : fillers->scenarios()) {
    loss.terms.emplace_back("o3d/" + scenario.name, error_3d.detach()[n]);
    loss.terms.emplace_back("o2d/" + scenario.name, error_2d.detach()[n]);
    ++n;
  }
  return loss;
}

}  // namespace links
