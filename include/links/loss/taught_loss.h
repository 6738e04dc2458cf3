#pragma once

#include <torch/types.h>

#include <vector>

#include "links/dataset/random_streams.h"
#include "links/lifter/pose_lifters.h"
#include "links/loss/lifting_terms.h"
#include "links/loss/named_terms.h"
#include "links/loss/supervised_loss.h"
#include "links/loss/teacher.h"

namespace links {

/// The left and right lifters taught by others: the distance of the joints of left* and right* from the pose
/// that the teacher gives the same keypoints, which gets no gradient; mean over joints and batch, the sum of
/// both. A half of the body does not show how the rest of it is turned, which eq. 10 then leaves to the other
/// half; a teacher sees more. What it says is a pose in 3D: copies of it, rotated to virtual views as those
/// of eq. 10 and half of them mirrored, show more of it than was recorded. Distillation with rotated copies
/// as eq. 7; ours, not in the paper.
class TaughtLoss {
 public:
  /// teacher: the compositions whose mean it is, the mean of whose lifters' elevations the views are drawn
  /// around. rotated_copies: of each of its poses. options: those of eq. 10, for the views and for the noise
  /// on what the sides are given, which their teacher does not see.
  TaughtLoss(std::vector<Composition> teacher, int64_t rotated_copies, const LiftingLossOptions& options,
             torch::Device device = torch::kCPU);

  /// keypoints: (..., B, 17, 2) normalised, "..." the R runs of an ensemble.
  StepLoss operator()(PoseLifters& lifters, const torch::Tensor& keypoints,
                      const RandomStreams& streams = {}) const;

 private:
  std::vector<Composition> teacher_;
  CopyOptions copies_;
  torch::Tensor other_side_;
  SupervisedLoss distance_;
};

}  // namespace links
