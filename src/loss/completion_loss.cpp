#include "links/loss/completion_loss.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <array>
#include <vector>

#include "links/geometry/camera.h"
#include "links/geometry/rotation.h"
#include "links/skeleton/units.h"

namespace links {
namespace {

// Augmentation: the poses rotated; the truth tells where their joints are seen then.
SeenPoses RotateSeen(const SeenPoses& poses, const torch::Tensor& rotated_truth,
                     const torch::Tensor& rotation) {
  return {Project(rotated_truth) * poses.seen.unsqueeze(-1), poses.seen, Rotate(rotation, poses.joints),
          poses.lifted};
}

constexpr double kSmall = 1e-12;

// Augmentation: mirrors left and right of the poses chosen, (..., B) bool. order: OtherSides.
void Mirror(const torch::Tensor& which, const torch::Tensor& order, SeenPoses& poses, torch::Tensor& truth) {
  const auto mirror = [&](torch::Tensor& part) {
    const bool places = part.dim() == which.dim() + 2;  // (..., B, 17, K), else (..., B, 17)
    const torch::Tensor other = places ? Mirrored(part, order) : part.index_select(-1, order);
    const torch::Tensor rows = which.unsqueeze(-1);
    part = torch::where(places ? rows.unsqueeze(-1) : rows, other, part);
  };
  for (torch::Tensor* part : {&poses.keypoints, &poses.seen, &poses.joints, &poses.lifted, &truth})
    mirror(*part);
}

}  // namespace

CompletionLoss::CompletionLoss(const CompletionLossOptions& options, const LiftingLossOptions& views,
                               torch::Device device)
    : options_(options),
      copies_{options.rotated_copies, options.rotation, views},
      other_side_(OtherSides(device)) {}

StepLoss CompletionLoss::operator()(Completion& completion, PoseLifters& teacher,
                                    const torch::Tensor& keypoints, const torch::Tensor& seen,
                                    const RandomStreams& streams) const {
  std::vector<SeenPoses> copies;
  std::vector<torch::Tensor> truths;
  {
    const torch::NoGradGuard no_grad;
    // The root's place is known here: an unseen root has a term of its own.
    const torch::Tensor with_root =
        torch::cat({torch::ones_like(seen.narrow(-1, 0, 1)), seen.narrow(-1, 1, kJoints - 1)}, -1);
    const TaughtPoses taught = AskTeacher(teacher, teacher->OfWholePose(), copies_, keypoints, streams);
    truths.push_back(taught.joints);
    copies.push_back(LiftSeen(teacher, keypoints, with_root));
    for (const torch::Tensor& rotation : taught.rotations) {
      truths.push_back(Rotate(rotation, truths[0]));
      copies.push_back(RotateSeen(copies[0], truths.back(), rotation));
      if (options_.mirrored)
        Mirror(streams.Uniform(keypoints.select(-1, 0).select(-1, 0)) < 0.5, other_side_, copies.back(),
               truths.back());
    }
  }
  torch::Tensor error = torch::zeros({}, keypoints.options());
  for (size_t i = 0; i < copies.size(); ++i) {
    const torch::Tensor open = copies[i].lifted.logical_not();
    const torch::Tensor squared = (completion->forward(copies[i]) - truths[i]).square().sum(-1);
    // The slope of a distance has no limit at 0.
    const torch::Tensor distance =
        options_.error == JointError::kSquared ? squared : (squared + kSmall).sqrt();
    error = error + (distance * open).sum(-1).mean(-1);
  }
  // In the units of the body, as the error of the joints.
  const torch::Tensor root =
      (kRootDepth * completion->EstimateRoot(keypoints, seen)).square().sum(-1).mean(-1);
  return {error + options_.root * root, {{"joints", error.detach()}, {"root", root.detach()}}};
}

}  // namespace links
