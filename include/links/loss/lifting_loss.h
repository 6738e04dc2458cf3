#pragma once

#include <torch/types.h>

#include <vector>

#include "links/dataset/random_streams.h"
#include "links/flow/pose_flows.h"
#include "links/lifter/grouped_lifters.h"
#include "links/lifter/pose_lifters.h"
#include "links/loss/lifting_terms.h"
#include "links/loss/named_terms.h"

namespace links {

/// Eq. 10 for groups of lifters on a batch of 2D poses. Groups share nothing but the batch: their networks
/// work side by side, their losses add up.
class LiftingLoss {
 public:
  /// bone_ratios: (16), on the device of the networks. options: those of each run of an ensemble, which may
  /// differ in the weights of the terms, but not in which of them are above 0.
  LiftingLoss(std::vector<LifterGroup> groups, const std::vector<LiftingLossOptions>& options,
              torch::Tensor bone_ratios);
  /// For lifters by themselves (SegmentAlone), with the terms that hold of a part of the body, and a weight
  /// for each group, in the order of their segments; one whose weight is 0 is not logged.
  LiftingLoss(std::vector<LifterGroup> groups, const std::vector<LiftingLossOptions>& options,
              torch::Tensor bone_ratios, const std::vector<double>& group_weights);
  /// One run.
  LiftingLoss(std::vector<LifterGroup> groups, const LiftingLossOptions& options, torch::Tensor bone_ratios)
      : LiftingLoss(std::move(groups), std::vector{options}, std::move(bone_ratios)) {}

  /// keypoints: (..., B, 17, 2) normalised, B even, "..." the R runs of an ensemble; or (P, ..., B, 17, 2),
  /// one for each pose that is composed, where each lifter is by itself. Of the lifters those of the groups'
  /// segments are asked, the flows are frozen: their parameters should not require grad. Each group's terms
  /// carry its name.
  StepLoss operator()(PoseLifters& lifters, PoseFlows& flows, const torch::Tensor& keypoints,
                      const RandomStreams& streams = {}) const;

 private:
  // A term's values of the groups, (G, ...), times the groups' weights.
  torch::Tensor OfGroups(const torch::Tensor& values) const;

  GroupedLifters grouping_;
  LiftingLossOptions options_;  // what the runs share
  torch::Tensor bone_ratios_;
  std::vector<LiftingTerm> terms_;
  std::vector<torch::Tensor> weights_;  // of each term, 0-dimensional, of an ensemble (R)
  std::vector<double> group_weights_;   // empty = 1 each
};

}  // namespace links
