#include "links/loss/distillation_loss.h"

#include <torch/torch.h>

#include <numbers>

#include "links/geometry/rotation.h"

namespace links {
namespace {

// Sum over the coordinates, mean over the batch.
torch::Tensor SquaredError(const torch::Tensor& predicted, const torch::Tensor& target) {
  return (predicted - target).square().sum({1, 2}).mean();
}

// The pose followed by copies of it along the batch, each copy rotated by its rotation about the vertical
// axis.
torch::Tensor WithCopies(const torch::Tensor& pose, const std::vector<torch::Tensor>& rotations) {
  std::vector<torch::Tensor> all = {pose};
  for (const torch::Tensor& rotation : rotations) all.push_back(Rotate(rotation, pose));
  return torch::cat(all, 0);
}

}  // namespace

StepLoss DistillationLoss::operator()(Fillers& fillers, PoseLifters& teacher,
                                      const torch::Tensor& keypoints) const {
  torch::Tensor truth;
  LiftedSegments lifted;
  std::vector<torch::Tensor> rotations;
  {
    const torch::NoGradGuard no_grad;
    truth = teacher->LiftPose(LegsTorso(), keypoints);
    for (int64_t copy = 0; copy < options_.rotated_copies; ++copy) {
      rotations.push_back(
          RotationY((torch::rand({keypoints.size(0)}, keypoints.options()) * 2 - 1) * std::numbers::pi));
    }
    if (options_.input == "rearranged") {
      for (Segment segment : teacher->segments()) lifted[segment] = teacher->Lift(segment, keypoints);
    }
  }
  const torch::Tensor target = WithCopies(truth, rotations);
  const double share = 1.0 + static_cast<double>(options_.rotated_copies);  // eq. 7 sums over the copies

  StepLoss loss{torch::zeros({}, keypoints.options()), {}};
  for (const Scenario& scenario : Scenarios()) {
    Filler& o3d = fillers->o3d(scenario);
    const torch::Tensor seen = options_.input == "rearranged"
                                   ? WithCopies(teacher->Compose(scenario.visible, lifted), rotations)
                                   : target;
    const torch::Tensor error_3d = share * SquaredError(o3d->forward(seen), o3d->Missing(target));
    Filler& o2d = fillers->o2d(scenario);
    const torch::Tensor error_2d = SquaredError(o2d->forward(keypoints), o2d->Missing(keypoints));
    loss.total = loss.total + error_3d + error_2d;
    loss.terms.emplace_back("o3d/" + scenario.name, error_3d.detach());
    loss.terms.emplace_back("o2d/" + scenario.name, error_2d.detach());
  }
  return loss;
}

}  // namespace links
