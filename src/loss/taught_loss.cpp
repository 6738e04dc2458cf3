#include "links/loss/taught_loss.h"

#include <torch/types.h>
#include <torch/utils.h>

namespace links {

TaughtLoss::TaughtLoss(std::vector<Composition> teacher)
    : teacher_(std::move(teacher)), distance_({FindLifterGroup(kSidesGroup)}) {}

StepLoss TaughtLoss::operator()(PoseLifters& lifters, const torch::Tensor& keypoints) const {
  torch::Tensor target;
  {
    const torch::NoGradGuard no_grad;
    target = lifters->LiftMean(teacher_, keypoints);
  }
  return distance_(lifters, keypoints, target);
}

}  // namespace links
