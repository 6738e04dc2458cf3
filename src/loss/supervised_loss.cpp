#include "links/loss/supervised_loss.h"

#include <torch/types.h>

#include "links/geometry/shapes.h"
#include "links/skeleton/units.h"

namespace links {

torch::Tensor SupervisedTargets(const torch::Tensor& keypoints, const torch::Tensor& joints_mm) {
  CheckShape(keypoints, {-1, kJoints, 2}, "keypoints");
  CheckShape(joints_mm, {-1, kJoints, 3}, "joints");
  const torch::Tensor plane = joints_mm.narrow(-1, 0, 2);
  const torch::Tensor scale =
      kRootDepth * (keypoints * plane).sum({1, 2}, true) / plane.square().sum({1, 2}, true).clamp_min(1e-6);
  return scale * joints_mm;
}

SupervisedLoss::SupervisedLoss(std::vector<LifterGroup> groups) : groups_(std::move(groups)) {
  for (const LifterGroup& group : groups_)
    poses_.insert(poses_.end(), group.poses.begin(), group.poses.end());
}

StepLoss SupervisedLoss::operator()(PoseLifters& lifters, const torch::Tensor& keypoints,
                                    const torch::Tensor& targets) const {
  return (*this)(lifters, keypoints, keypoints, targets);
}

StepLoss SupervisedLoss::operator()(PoseLifters& lifters, const torch::Tensor& keypoints,
                                    const torch::Tensor& given, const torch::Tensor& targets) const {
  const torch::Tensor poses = lifters->LiftEach(poses_, keypoints, given);
  const torch::Tensor distances = (poses - targets).norm(2, -1).mean({-2, -1});  // (P, ...)
  StepLoss loss{SumInOrder(distances), {}};
  int64_t first = 0;
  for (const LifterGroup& group : groups_) {
    const auto count = static_cast<int64_t>(group.poses.size());
    loss.terms.emplace_back(group.name + "/distance_3d",
                            SumInOrder(distances.detach().narrow(0, first, count)));
    first += count;
  }
  return loss;
}

}  // namespace links
