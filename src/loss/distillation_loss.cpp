#include "links/loss/distillation_loss.h"

#include <torch/torch.h>

#include <numbers>

#include "links/dataset/runs.h"
#include "links/geometry/rotation.h"

namespace links {
namespace {

// Of each scenario and run: summed over the coordinates of its missing joints, mean over the batch, (8, R).
torch::Tensor SquaredError(ScenarioFillers& fillers, int64_t runs, const torch::Tensor& seen,
                           const torch::Tensor& target) {
  return ((fillers->forward(seen) - target).square() * fillers->missing())
      .sum({2, 3})
      .unflatten(1, {runs, -1})
      .mean(2);
}

// The poses (..., R B, 17, 3), each run's followed by copies of them, each copy rotated by its rotation about
// the vertical axis.
torch::Tensor WithCopies(const torch::Tensor& pose, const std::vector<torch::Tensor>& rotations,
                         int64_t runs) {
  torch::Tensor all = pose;
  for (const torch::Tensor& rotation : rotations)
    all = AppendByRun(all, Rotate(rotation, pose), runs, pose.dim() - 3);
  return all;
}

// What the rearranged lifters see of the poses in each scenario: (8, B, 17, 3).
torch::Tensor LiftVisible(PoseLifters& lifters, const torch::Tensor& keypoints) {
  std::vector<Composition> visible;
  for (const Scenario& scenario : Scenarios()) visible.push_back(scenario.visible);
  return ComposePoses(keypoints, lifters->Depths(keypoints), lifters->Selection(visible, keypoints.device()));
}

}  // namespace

StepLoss DistillationLoss::operator()(Fillers& fillers, PoseLifters& teacher, const torch::Tensor& keypoints,
                                      const RandomStreams& streams) const {
  const int64_t runs = fillers->runs();
  torch::Tensor target, seen;
  {
    const torch::NoGradGuard no_grad;
    std::vector<torch::Tensor> rotations;
    const torch::Tensor one_each = torch::empty({keypoints.size(0)}, keypoints.options());
    for (int64_t copy = 0; copy < options_.rotated_copies; ++copy)
      rotations.push_back(RotationY((streams.Uniform(one_each) * 2 - 1) * std::numbers::pi));
    target = WithCopies(teacher->LiftPose(LegsTorso(), keypoints), rotations, runs);
    seen = options_.input == "rearranged" ? WithCopies(LiftVisible(teacher, keypoints), rotations, runs)
                                          : target;
  }
  const double share = 1.0 + static_cast<double>(options_.rotated_copies);  // eq. 7 sums over the copies
  const torch::Tensor error_3d = share * SquaredError(fillers->o3d(), runs, seen, target);
  const torch::Tensor error_2d = SquaredError(fillers->o2d(), runs, keypoints, keypoints);

  StepLoss loss{error_3d.sum(0) + error_2d.sum(0), {}};
  for (size_t i = 0; i < Scenarios().size(); ++i) {
    const auto n = static_cast<int64_t>(i);
    loss.terms.emplace_back("o3d/" + Scenarios()[i].name, error_3d.detach()[n]);
    loss.terms.emplace_back("o2d/" + Scenarios()[i].name, error_2d.detach()[n]);
  }
  return loss;
}

}  // namespace links
