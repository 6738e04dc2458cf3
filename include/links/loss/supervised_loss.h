#pragma once

#include <torch/types.h>

#include "links/lifter/lifter_group.h"
#include "links/lifter/pose_lifters.h"
#include "links/loss/named_terms.h"

namespace links {

/// The targets of supervised lifters: each ground-truth pose at the scale at which its keypoints show it.
/// keypoints: (N, 17, 2) normalised, joints_mm: (N, 17, 3) root-centred -> (N, 17, 3) normalised units. The
/// scale of a pose is the least-squares one of x, y onto its keypoints (scaled orthography): the distance
/// from the camera, which no lifter can know, does not enter.
torch::Tensor SupervisedTargets(const torch::Tensor& keypoints, const torch::Tensor& joints_mm);

/// Full supervision (as Martinez et al., ICCV 2017) of the same lifters: distance of the joints from the
/// target, mean over joints and batch, summed over the poses that the groups compose.
class SupervisedLoss {
 public:
  explicit SupervisedLoss(std::vector<LifterGroup> groups);

  /// keypoints: (..., B, 17, 2) normalised, targets: (..., B, 17, 3).
  StepLoss operator()(PoseLifters& lifters, const torch::Tensor& keypoints,
                      const torch::Tensor& targets) const;
  /// The same of lifters that are given the keypoints with noise on them.
  StepLoss operator()(PoseLifters& lifters, const torch::Tensor& keypoints, const torch::Tensor& given,
                      const torch::Tensor& targets) const;

 private:
  std::vector<LifterGroup> groups_;
  std::vector<Composition> poses_;
};

}  // namespace links
