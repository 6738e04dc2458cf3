#include "links/loss/taught_loss.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <set>

#include "links/geometry/camera.h"
#include "links/geometry/rotation.h"
#include "links/loss/keypoint_noise.h"
#include "links/loss/virtual_view.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

// In the order of a run's lifters.
std::vector<Segment> SegmentsOf(const std::vector<Composition>& compositions) {
  std::set<Segment> all;
  for (const Composition& composition : compositions) {
    for (const Segment segment : composition.segments()) all.insert(segment);
  }
  return {all.begin(), all.end()};
}

// Left and right of the poses exchanged, (..., 17, 3). order: kOtherSide on the device.
torch::Tensor Mirrored(const torch::Tensor& poses, const torch::Tensor& order) {
  const torch::Tensor other = poses.index_select(-2, order);
  return torch::cat({-other.narrow(-1, 0, 1), other.narrow(-1, 1, 2)}, -1);
}

}  // namespace

TaughtLoss::TaughtLoss(std::vector<Composition> teacher, int64_t rotated_copies,
                       const LiftingLossOptions& options, torch::Device device)
    : teacher_(std::move(teacher)),
      segments_(SegmentsOf(teacher_)),
      rotated_copies_(rotated_copies),
      options_(options),
      other_side_(torch::tensor(std::vector<int64_t>(kOtherSide.begin(), kOtherSide.end()), torch::kInt64)
                      .to(device)),
      distance_({FindLifterGroup(kSidesGroup)}) {}

StepLoss TaughtLoss::operator()(PoseLifters& lifters, const torch::Tensor& keypoints,
                                const RandomStreams& streams) const {
  torch::Tensor seen, taught;
  {
    const torch::NoGradGuard no_grad;
    const LiftedSegments lifted = lifters->Lift(keypoints, segments_);
    const torch::Tensor shares =
        lifters->Selection(teacher_, segments_, keypoints.device()).mean(0, /*keepdim=*/true);
    const torch::Tensor pose = ComposePoses(keypoints, lifted.depths, shares);  // (1, ..., B, 17, 3)
    const torch::Tensor elevations = lifted.elevation.mean(0, /*keepdim=*/true);
    std::vector<torch::Tensor> views = {keypoints}, poses = {pose.squeeze(0)};
    for (int64_t copy = 0; copy < rotated_copies_; ++copy) {
      const torch::Tensor rotated = Rotate(DrawRotations(options_, elevations, streams), pose).squeeze(0);
      const torch::Tensor mirrored = streams.Uniform(elevations, 1).squeeze(0) < 0.5;
      poses.push_back(
          torch::where(mirrored.unsqueeze(-1).unsqueeze(-1), Mirrored(rotated, other_side_), rotated));
      views.push_back(Project(poses.back()));
    }
    seen = torch::cat(views, -3);
    taught = torch::cat(poses, -3);
  }
  return distance_(lifters, seen, AddNoise(seen, options_.input_noise, streams), taught);
}

}  // namespace links
