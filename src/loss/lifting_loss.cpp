#include "links/loss/lifting_loss.h"

#include <torch/types.h>

#include "links/geometry/camera.h"
#include "links/geometry/rotation.h"
#include "links/geometry/shapes.h"
#include "links/loss/keypoint_noise.h"
#include "links/loss/virtual_view.h"

namespace links {
LiftingLoss::LiftingLoss(std::vector<LifterGroup> groups, const std::vector<LiftingLossOptions>& options,
                         torch::Tensor bone_ratios)
    : grouping_(std::move(groups), bone_ratios),
      options_(options.front()),
      bone_ratios_(std::move(bone_ratios)),
      terms_(LiftingTerms()) {
  for (const LiftingTerm& term : terms_)
    weights_.push_back(WeightOf(term, options).to(bone_ratios_.options()));
}

LiftingLoss::LiftingLoss(std::vector<LifterGroup> groups, const std::vector<LiftingLossOptions>& options,
                         torch::Tensor bone_ratios, const std::vector<double>& group_weights)
    : LiftingLoss(std::move(groups), options, std::move(bone_ratios)) {
  group_weights_ = group_weights;
  for (size_t t = terms_.size(); t-- > 0;) {
    if (terms_[t].of_a_part) continue;
    terms_.erase(terms_.begin() + static_cast<ptrdiff_t>(t));
    weights_.erase(weights_.begin() + static_cast<ptrdiff_t>(t));
  }
}

torch::Tensor LiftingLoss::OfGroups(const torch::Tensor& values) const {
  if (group_weights_.empty()) return values;
  std::vector<torch::Tensor> weighted;
  for (size_t g = 0; g < group_weights_.size(); ++g)
    weighted.push_back(values[static_cast<int64_t>(g)] * group_weights_[g]);
  return torch::stack(weighted);
}

// Eq. 10.
StepLoss LiftingLoss::operator()(PoseLifters& lifters, PoseFlows& flows, const torch::Tensor& keypoints,
                                 const RandomStreams& streams) const {
  const torch::Tensor& of_segments = grouping_.segments_in_group;
  const torch::Tensor given = AddNoise(keypoints, options_.input_noise, streams);
  LiftedSegments lifted;
  torch::Tensor elevations;
  if (options_.elevation == ElevationRotation::kLearned) {
    lifted = lifters->Lift(given, grouping_.segments);
    elevations = SumOverMembers(of_segments / of_segments.sum(1, true), lifted.elevation);
  } else {
    lifted.depths = lifters->Depths(given, grouping_.segments);
    elevations = torch::zeros_like(SumOverMembers(of_segments, lifted.depths.select(-1, kRoot)));
  }
  // The same for all poses of a group.
  const torch::Tensor rotations =
      DrawRotations(options_, elevations, streams).index_select(0, grouping_.group_of_pose);

  const torch::Tensor selection = lifters->Selection(grouping_.poses, grouping_.segments, keypoints.device());
  const torch::Tensor poses = ComposePoses(keypoints, lifted.depths, selection);
  const torch::Tensor rotated = Rotate(rotations, poses);
  const torch::Tensor views = Project(rotated);

  const torch::Tensor segment_views = views.index_select(0, grouping_.view_of_segment);
  const torch::Tensor given_again = AddNoise(segment_views, options_.input_noise, streams);
  const torch::Tensor relifted =
      ComposePoses(views, lifters->Depths(given_again, grouping_.segments), selection);
  const torch::Tensor rotated_back = RotateBack(rotations, relifted);

  const LiftedViews seen{keypoints,          poses,         rotated, views,       relifted, rotated_back,
                         grouping_.segments, segment_views, flows,   bone_ratios_};
  StepLoss loss{torch::zeros({}, keypoints.options()), {}};
  std::vector<torch::Tensor> values;  // of each term, (G, ...)
  for (size_t t = 0; t < terms_.size(); ++t) {
    const LiftingTerm& term = terms_[t];
    const torch::Tensor& members = term.per == LiftingTerm::kSegment ? of_segments : grouping_.poses_in_group;
    const bool weighted = options_.*term.weight > 0;
    values.push_back(weighted || term.always_logged ? SumOverMembers(members, term.value(seen, options_))
                                                    : torch::zeros_like(values.front()));
    if (weighted) loss.total = loss.total + weights_[t] * SumInOrder(OfGroups(values.back()));
  }
  for (size_t g = 0; g < grouping_.groups.size(); ++g) {
    if (!group_weights_.empty() && group_weights_[g] == 0) continue;
    for (size_t t = 0; t < values.size(); ++t) {
      loss.terms.emplace_back(grouping_.groups[g].name + "/" + terms_[t].name,
                              values[t].detach()[static_cast<int64_t>(g)]);
    }
  }
  return loss;
}

}  // namespace links
