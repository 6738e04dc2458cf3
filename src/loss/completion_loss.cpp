#include "links/loss/completion_loss.h"

#include <torch/torch.h>

#include <numbers>

#include "links/geometry/camera.h"
#include "links/geometry/rotation.h"

namespace links {
namespace {

// The poses turned about the vertical axis; the truth says where their joints are seen then.
SeenPoses Turn(const SeenPoses& poses, const torch::Tensor& turned_truth, const torch::Tensor& rotation) {
  return {Project(turned_truth) * poses.seen.unsqueeze(-1), poses.seen, Rotate(rotation, poses.joints),
          poses.lifted};
}

}  // namespace

StepLoss CompletionLoss::operator()(Completion& completion, PoseLifters& teacher,
                                    const torch::Tensor& keypoints, const torch::Tensor& seen) const {
  std::vector<SeenPoses> copies;
  std::vector<torch::Tensor> truths;
  {
    const torch::NoGradGuard no_grad;
    // The root's place is known here: an unseen root has a term of its own.
    const torch::Tensor with_root =
        torch::cat({torch::ones_like(seen.narrow(1, 0, 1)), seen.narrow(1, 1, kJoints - 1)}, 1);
    truths.push_back(teacher->LiftPose(LegsTorso(), keypoints));
    copies.push_back(LiftSeen(teacher, keypoints, with_root));
    if (options_.input == "teacher") copies[0].joints = truths[0] * copies[0].lifted.unsqueeze(-1);
    for (int64_t copy = 0; copy < options_.rotated_copies; ++copy) {
      const torch::Tensor angle =
          (torch::rand({keypoints.size(0)}, keypoints.options()) * 2 - 1) * std::numbers::pi;
      const torch::Tensor rotation = RotationY(angle);
      truths.push_back(Rotate(rotation, truths[0]));
      copies.push_back(Turn(copies[0], truths.back(), rotation));
    }
  }
  torch::Tensor error = torch::zeros({}, keypoints.options());
  for (size_t i = 0; i < copies.size(); ++i) {
    const torch::Tensor open = copies[i].lifted.logical_not().unsqueeze(-1);
    error = error + ((completion->forward(copies[i]) - truths[i]) * open).square().sum({1, 2}).mean();
  }
  // In the units of the body, as the error of the joints.
  const torch::Tensor root = (kRootDepth * completion->EstimateRoot(keypoints, seen)).square().sum(1).mean();
  return {error + options_.root * root, {{"joints", error.detach()}, {"root", root.detach()}}};
}

}  // namespace links
