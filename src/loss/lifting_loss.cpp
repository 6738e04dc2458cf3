#include "links/loss/lifting_loss.h"

#include <torch/torch.h>

#include <algorithm>

#include "links/core/error.h"
#include "links/geometry/camera.h"
#include "links/geometry/rotation.h"

namespace links {
namespace {

// Uniform in [-half_range, half_range], (B).
torch::Tensor Uniform(const torch::Tensor& like, double half_range) {
  return (torch::rand_like(like) * 2 - 1) * half_range;
}

// Of each pose as a whole, batch means: views (P, B, 17, 2) -> (P).
torch::Tensor FullLikelihood(PoseFlows& flows, const torch::Tensor& views) {
  return flows->NegativeLogLikelihood({Segment::kFull}, views.flatten(0, 1))
      .view(views.sizes().slice(0, 2))
      .mean(1);
}

}  // namespace

LifterGroup MakeLifterGroup(const std::string& name) {
  if (name == "legs_torso") return {name, {LegsTorso()}, {Segment::kLegs, Segment::kTorso}, {0, 0}};
  if (name == "left_right")
    return {name, {LeftCore(), RightCore()}, {Segment::kLeft, Segment::kRight}, {0, 1}};
  if (name == "full") return {name, {FullPose()}, {Segment::kFull}, {0}};
  throw Error("expected a lifter group legs_torso, left_right or full, found '", name, "'");
}

LiftingLoss::LiftingLoss(std::vector<LifterGroup> groups, const LiftingLossOptions& options,
                         torch::Tensor bone_ratios)
    : groups_(std::move(groups)), options_(options), bone_ratios_(std::move(bone_ratios)) {
  std::ranges::sort(groups_, {}, [](const LifterGroup& group) { return group.segments.front(); });
  std::vector<int64_t> group_of_pose, group_of_segment, view_of_segment;
  for (size_t g = 0; g < groups_.size(); ++g) {
    for (const size_t view : groups_[g].view_of_segment) {
      view_of_segment.push_back(static_cast<int64_t>(poses_.size() + view));
      group_of_segment.push_back(static_cast<int64_t>(g));
    }
    for (const Composition& pose : groups_[g].poses) {
      poses_.push_back(pose);
      group_of_pose.push_back(static_cast<int64_t>(g));
    }
  }
  const torch::Device device = bone_ratios_.device();
  const auto indices = [&](const std::vector<int64_t>& values) {
    return torch::tensor(values, torch::kInt64).to(device);
  };
  const auto members = [&](const torch::Tensor& group_of) {
    const auto count = static_cast<int64_t>(groups_.size());
    return (torch::arange(count, group_of.options()).unsqueeze(1) == group_of).to(bone_ratios_.scalar_type());
  };
  group_of_pose_ = indices(group_of_pose);
  view_of_segment_ = indices(view_of_segment);
  segments_in_group_ = members(indices(group_of_segment));
  poses_in_group_ = members(group_of_pose_);
}

torch::Tensor LiftingLoss::DrawRotations(const torch::Tensor& elevations) const {
  const torch::Tensor azimuth = Uniform(elevations, options_.azimuth_range);
  if (options_.elevation == "fixed") {
    return torch::matmul(RotationX(Uniform(elevations, options_.elevation_range)), RotationY(azimuth));
  }
  const torch::Tensor mean = elevations.mean(1, /*keepdim=*/true), deviation = elevations.std(1, true, true);
  const torch::Tensor angle = deviation * torch::randn_like(elevations) - mean;
  return torch::matmul(torch::matmul(RotationX(angle), RotationY(azimuth)), RotationX(elevations));
}

torch::Tensor LiftingLoss::Likelihood(PoseFlows& flows, const std::vector<Segment>& segments,
                                      const torch::Tensor& views) const {
  // The full pose has a flow of its own, the last.
  const bool full = segments.back() == Segment::kFull;
  const auto parts = static_cast<int64_t>(segments.size()) - (full ? 1 : 0);
  std::vector<torch::Tensor> means;
  if (parts > 0) {
    means.push_back(
        flows->NegativeLogLikelihood({segments.begin(), segments.begin() + parts}, views.narrow(0, 0, parts))
            .mean(1));
  }
  if (full)
    means.push_back(flows->NegativeLogLikelihood({Segment::kFull}, views.narrow(0, parts, 1)).mean(1));
  return segments_in_group_.mv(torch::cat(means));
}

StepLoss LiftingLoss::operator()(PoseLifters& lifters, PoseFlows& flows,
                                 const torch::Tensor& keypoints) const {
  // Shapes: S segments, P poses put together from them, G groups; P and S of a group share its rotation.
  const bool learned = options_.elevation == "learned";
  const LiftedSegments lifted =
      learned ? lifters->Lift(keypoints) : LiftedSegments{lifters->Depths(keypoints), {}};
  const torch::Tensor elevations =
      learned ? (segments_in_group_ / segments_in_group_.sum(1, true)).mm(lifted.elevation)
              : torch::zeros({segments_in_group_.size(0), keypoints.size(0)}, keypoints.options());
  const torch::Tensor rotations = DrawRotations(elevations).index_select(0, group_of_pose_);

  const torch::Tensor selection = lifters->Selection(poses_, keypoints.device());
  const torch::Tensor poses = ComposePoses(keypoints, lifted.depths, selection);
  const torch::Tensor rotated = Rotate(rotations, poses);
  const torch::Tensor views = Project(rotated);

  const torch::Tensor views_of_segments = views.index_select(0, view_of_segment_);
  const torch::Tensor relifted_depths = lifters->Depths(views_of_segments);
  const torch::Tensor relifted = ComposePoses(views, relifted_depths, selection);
  const torch::Tensor rotated_back = RotateBack(rotations, relifted);

  // The means over the batch of each group, its poses added up: (G).
  const auto by_group = [&](const torch::Tensor& of_poses) { return poses_in_group_.mv(of_poses); };
  const torch::Tensor zeros = torch::zeros({poses_in_group_.size(0)}, keypoints.options());
  struct Term {
    const char* name;
    torch::Tensor value;  // (G)
    double weight;
  };
  const std::vector<Term> terms = {
      {"likelihood", Likelihood(flows, lifters->segments(), views_of_segments), options_.likelihood},
      {"full_likelihood", options_.full_likelihood > 0 ? by_group(FullLikelihood(flows, views)) : zeros,
       options_.full_likelihood},
      {"consistency_3d", by_group(Consistency3d(rotated, relifted)), options_.consistency_3d},
      {"reprojection_2d", by_group(Reprojection2d(rotated_back, keypoints)), options_.reprojection_2d},
      {"deformation", by_group(Deformation(poses, rotated_back, options_.deformation_squared)),
       options_.deformation},
      {"bone", by_group(BoneLengths(poses, bone_ratios_, options_.bone_mean)), options_.bone},
      {"front_prior", options_.front_prior > 0 ? by_group(FrontPrior(poses, options_.front_margins)) : zeros,
       options_.front_prior}};
  StepLoss loss{torch::zeros({}, keypoints.options()), {}};
  for (const Term& term : terms) {
    if (term.weight > 0) loss.total = loss.total + term.weight * term.value.sum();
  }
  for (size_t g = 0; g < groups_.size(); ++g) {
    for (const Term& term : terms) {
      loss.terms.emplace_back(groups_[g].name + "/" + term.name,
                              term.value.detach()[static_cast<int64_t>(g)]);
    }
  }
  return loss;
}

}  // namespace links
