#include "links/loss/taught_loss.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "links/geometry/camera.h"
#include "links/geometry/rotation.h"
#include "links/loss/keypoint_noise.h"
#include "links/skeleton/skeleton.h"

namespace links {

TaughtLoss::TaughtLoss(std::vector<Composition> teacher, int64_t rotated_copies,
                       const LiftingLossOptions& options, torch::Device device)
    : teacher_(std::move(teacher)),
      copies_{rotated_copies, CopyRotation::kVirtualView, options},
      other_side_(OtherSides(device)),
      distance_({FindLifterGroup(kSidesGroup)}) {}

StepLoss TaughtLoss::operator()(PoseLifters& lifters, const torch::Tensor& keypoints,
                                const RandomStreams& streams) const {
  const TaughtPoses taught = AskTeacher(lifters, teacher_, copies_, keypoints, streams);
  std::vector<torch::Tensor> views = {keypoints}, poses = {taught.joints};
  for (const torch::Tensor& rotation : taught.rotations) {
    const torch::Tensor rotated = Rotate(rotation, taught.joints);
    const torch::Tensor mirror = streams.Uniform(rotated.select(-1, 0).select(-1, 0)) < 0.5;
    poses.push_back(
        torch::where(mirror.unsqueeze(-1).unsqueeze(-1), Mirrored(rotated, other_side_), rotated));
    views.push_back(Project(poses.back()));
  }
  const torch::Tensor seen = torch::cat(views, -3);
  return distance_(lifters, seen, AddNoise(seen, copies_.views.input_noise, streams), torch::cat(poses, -3));
}

}  // namespace links
