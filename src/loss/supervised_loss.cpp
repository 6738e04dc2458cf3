#include "links/loss/supervised_loss.h"

#include <torch/torch.h>

#include "links/geometry/camera.h"
#include "links/geometry/shapes.h"

namespace links {

torch::Tensor SupervisedTargets(const torch::Tensor& keypoints, const torch::Tensor& joints_mm) {
  CheckShape(keypoints, {-1, kJoints, 2}, "keypoints");
  CheckShape(joints_mm, {-1, kJoints, 3}, "joints");
  const torch::Tensor plane = joints_mm.narrow(-1, 0, 2);
  const torch::Tensor scale =
      kRootDepth * (keypoints * plane).sum({1, 2}, true) / plane.square().sum({1, 2}, true).clamp_min(1e-6);
  return scale * joints_mm;
}

StepLoss SupervisedLoss::operator()(PoseLifters& lifters, const torch::Tensor& keypoints,
                                    const torch::Tensor& targets) const {
  LiftedSegments lifted;
  for (Segment segment : group_.segments) lifted[segment] = lifters->Lift(segment, keypoints);
  torch::Tensor distance = torch::zeros({}, keypoints.options());
  for (const Composition& composition : group_.poses) {
    distance = distance + (lifters->Compose(composition, lifted) - targets).norm(2, -1).mean();
  }
  return {distance, {{group_.name + "/distance_3d", distance.detach()}}};
}

}  // namespace links
