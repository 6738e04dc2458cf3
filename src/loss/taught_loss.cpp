#include "links/loss/taught_loss.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "links/geometry/camera.h"
#include "links/geometry/rotation.h"
#include "links/loss/random_azimuth.h"

namespace links {

TaughtLoss::TaughtLoss(std::vector<Composition> teacher, int64_t rotated_copies)
    : teacher_(std::move(teacher)),
      rotated_copies_(rotated_copies),
      distance_({FindLifterGroup(kSidesGroup)}) {}

StepLoss TaughtLoss::operator()(PoseLifters& lifters, const torch::Tensor& keypoints,
                                const RandomStreams& streams) const {
  std::vector<torch::Tensor> views = {keypoints}, poses;
  {
    const torch::NoGradGuard no_grad;
    poses.push_back(lifters->LiftMean(teacher_, keypoints));
    for (int64_t copy = 0; copy < rotated_copies_; ++copy) {
      poses.push_back(Rotate(RandomAzimuth(keypoints, streams), poses.front()));
      views.push_back(Project(poses.back()));
    }
  }
  return distance_(lifters, torch::cat(views, -3), torch::cat(poses, -3));
}

}  // namespace links
