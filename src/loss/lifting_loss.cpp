#include "links/loss/lifting_loss.h"

#include <torch/torch.h>

#include "links/core/error.h"
#include "links/geometry/camera.h"
#include "links/geometry/rotation.h"

namespace links {
namespace {

// Uniform in [-half_range, half_range], (B).
torch::Tensor Uniform(const torch::Tensor& like, double half_range) {
  return (torch::rand_like(like) * 2 - 1) * half_range;
}

}  // namespace

LifterGroup MakeLifterGroup(const std::string& name) {
  if (name == "legs_torso") return {name, {LegsTorso()}, {Segment::kLegs, Segment::kTorso}, {0, 0}};
  if (name == "left_right")
    return {name, {LeftCore(), RightCore()}, {Segment::kLeft, Segment::kRight}, {0, 1}};
  if (name == "full") return {name, {FullPose()}, {Segment::kFull}, {0}};
  throw Error("expected a lifter group legs_torso, left_right or full, found '", name, "'");
}

LiftingLoss::LiftingLoss(LifterGroup group, const LiftingLossOptions& options, torch::Tensor bone_ratios)
    : group_(std::move(group)), options_(options), bone_ratios_(std::move(bone_ratios)) {}

torch::Tensor LiftingLoss::DrawRotation(const torch::Tensor& elevation) const {
  const torch::Tensor azimuth = Uniform(elevation, options_.azimuth_range);
  if (options_.elevation == "fixed") {
    return torch::bmm(RotationX(Uniform(elevation, options_.elevation_range)), RotationY(azimuth));
  }
  const torch::Tensor angle =
      -elevation.mean() + elevation.std(/*unbiased=*/true) * torch::randn_like(elevation);
  return torch::bmm(torch::bmm(RotationX(angle), RotationY(azimuth)), RotationX(elevation));
}

StepLoss LiftingLoss::operator()(PoseLifters& lifters, PoseFlows& flows,
                                 const torch::Tensor& keypoints) const {
  LiftedSegments lifted;
  torch::Tensor elevation = torch::zeros({keypoints.size(0)}, keypoints.options());
  for (Segment segment : group_.segments) {
    const LiftedWithElevation first = lifters->LiftWithElevation(segment, keypoints);
    lifted[segment] = first.points;
    elevation = elevation + first.elevation / static_cast<double>(group_.segments.size());
  }
  const torch::Tensor rotation = DrawRotation(elevation);

  std::vector<torch::Tensor> poses, rotated, views;
  for (const Composition& composition : group_.poses) {
    poses.push_back(lifters->Compose(composition, lifted));
    rotated.push_back(Rotate(rotation, poses.back()));
    views.push_back(Project(rotated.back()));
  }

  const torch::Tensor zero = torch::zeros({}, keypoints.options());
  torch::Tensor likelihood = zero, full_likelihood = zero, consistency = zero, reprojection = zero,
                deformation = zero, bone = zero, front = zero;
  LiftedSegments relifted;
  for (size_t i = 0; i < group_.segments.size(); ++i) {
    const Segment segment = group_.segments[i];
    const torch::Tensor& view = views[group_.view_of_segment[i]];
    likelihood = likelihood + flows->NegativeLogLikelihood(segment, view).mean();
    relifted[segment] = lifters->Lift(segment, view);
  }
  for (size_t i = 0; i < group_.poses.size(); ++i) {
    const torch::Tensor again = lifters->Compose(group_.poses[i], relifted);
    const torch::Tensor rotated_back = RotateBack(rotation, again);
    consistency = consistency + Consistency3d(rotated[i], again);
    reprojection = reprojection + Reprojection2d(rotated_back, keypoints);
    deformation = deformation + Deformation(poses[i], rotated_back, options_.deformation_squared);
    bone = bone + BoneLengths(poses[i], bone_ratios_, options_.bone_mean);
    if (options_.full_likelihood > 0) {
      full_likelihood = full_likelihood + flows->NegativeLogLikelihood(Segment::kFull, views[i]).mean();
    }
    if (options_.front_prior > 0) front = front + FrontPrior(poses[i], options_.front_margins);
  }

  const std::vector<std::tuple<std::string, torch::Tensor, double>> weighted = {
      {"likelihood", likelihood, options_.likelihood},
      {"full_likelihood", full_likelihood, options_.full_likelihood},
      {"consistency_3d", consistency, options_.consistency_3d},
      {"reprojection_2d", reprojection, options_.reprojection_2d},
      {"deformation", deformation, options_.deformation},
      {"bone", bone, options_.bone},
      {"front_prior", front, options_.front_prior}};
  StepLoss loss{zero, {}};
  for (const auto& [name, term, weight] : weighted) {
    if (weight > 0) loss.total = loss.total + weight * term;
    loss.terms.emplace_back(group_.name + "/" + name, term.detach());
  }
  return loss;
}

}  // namespace links
