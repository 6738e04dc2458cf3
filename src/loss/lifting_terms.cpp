#include "links/loss/lifting_terms.h"

#include <torch/types.h>

#include "links/core/error.h"
#include "links/geometry/bones.h"
#include "links/geometry/camera.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

// Keeps the gradient of a norm finite at zero; far below any length that matters (1e-4 is under 0.1 mm).
constexpr double kTiny = 1e-4;

torch::Tensor JointOf(const torch::Tensor& pose, int joint) {
  return pose.select(-2, joint);
}

torch::Tensor Dot(const torch::Tensor& a, const torch::Tensor& b) {
  return (a * b).sum(-1, /*keepdim=*/true);
}

// |v| with gradient 0 where v is 0: (..., 1).
torch::Tensor Length(const torch::Tensor& v) {
  return v.norm(2, -1, /*keepdim=*/true);
}

torch::Tensor Unit(const torch::Tensor& v) {
  return v / (Length(v) + kTiny);
}

// Offset of the knee from the segment between hip and ankle, as a share of the leg's length: (..., 3).
torch::Tensor KneeOffset(const torch::Tensor& pose, Joint hip, Joint knee, Joint ankle) {
  const torch::Tensor leg = JointOf(pose, ankle) - JointOf(pose, hip);
  const torch::Tensor thigh = JointOf(pose, knee) - JointOf(pose, hip);
  const torch::Tensor along = (Dot(thigh, leg) / (Dot(leg, leg) + kTiny)).clamp(0, 1);
  return (thigh - along * leg) / (Length(thigh) + Length(leg - thigh) + kTiny);
}

}  // namespace

// Eq. 6.
torch::Tensor Consistency3d(const torch::Tensor& rotated, const torch::Tensor& relifted) {
  return (rotated - relifted).flatten(-2).norm(2, -1).mean(-1);
}

// Eq. 5.
torch::Tensor Reprojection2d(const torch::Tensor& rotated_back, const torch::Tensor& keypoints) {
  return (Project(rotated_back) - keypoints).abs().sum({-2, -1}).mean(-1);
}

// Eq. 9.
torch::Tensor Deformation(const torch::Tensor& pose, const torch::Tensor& rotated_back, bool squared) {
  const torch::Tensor change = (pose - rotated_back).flatten(-2).unflatten(-2, {-1, 2});
  const torch::Tensor difference = change.select(-2, 0) - change.select(-2, 1);
  return (squared ? difference.square().sum(-1) : difference.norm(2, -1)).mean(-1);
}

// Eq. 8.
torch::Tensor BoneLengths(const torch::Tensor& pose, const torch::Tensor& ratios, bool mean_over_bones) {
  const torch::Tensor squares = (RelativeBoneLengths(pose) - ratios).square();
  return (mean_over_bones ? squares.mean(-1) : squares.sum(-1)).mean(-1);
}

torch::Tensor FrontPrior(const torch::Tensor& pose, const FrontMargins& margins) {
  const torch::Tensor up = JointOf(pose, kThorax) - JointOf(pose, kRoot);
  const torch::Tensor front = Unit(torch::cross(JointOf(pose, kLHip) - JointOf(pose, kRHip), up, -1));
  const torch::Tensor shoulders =
      Unit(torch::cross(JointOf(pose, kLShoulder) - JointOf(pose, kRShoulder), up, -1));
  const torch::Tensor right = Dot(front, KneeOffset(pose, kRHip, kRKnee, kRAnkle));
  const torch::Tensor left = Dot(front, KneeOffset(pose, kLHip, kLKnee, kLAnkle));
  const torch::Tensor knees = torch::relu(margins.knee - right) + torch::relu(margins.knee - left);
  return (0.5 / margins.knee * knees + torch::relu(margins.facing - Dot(front, shoulders)))
      .squeeze(-1)
      .mean(-1);
}

torch::Tensor Agreement(const torch::Tensor& poses) {
  const torch::Tensor mean = poses.detach().mean(0, /*keepdim=*/true);
  // As for the other norms, the gradient is finite where a pose is the mean.
  return ((poses - mean).flatten(-2).square().sum(-1) + kTiny * kTiny).sqrt().mean(-1);
}

namespace {

// A view: the gradients of a term that uses the poses several times are added up before those of other terms.
torch::Tensor Own(const torch::Tensor& poses) {
  return poses.view(poses.sizes());
}

// L_NF of eq. 10: eq. 2 for each segment in its virtual view.
torch::Tensor Likelihood(const LiftedViews& lifted, const LiftingLossOptions&) {
  // The full pose has a flow of its own, the last.
  const std::vector<Segment>& segments = lifted.segments;
  const bool full = segments.back() == Segment::kFull;
  const auto parts = static_cast<int64_t>(segments.size()) - (full ? 1 : 0);
  std::vector<torch::Tensor> nats;
  if (parts > 0) {
    nats.push_back(lifted.flows->NegativeLogLikelihood({segments.begin(), segments.begin() + parts},
                                                       lifted.segment_views.narrow(0, 0, parts)));
  }
  if (full) {
    nats.push_back(
        lifted.flows->NegativeLogLikelihood({Segment::kFull}, lifted.segment_views.narrow(0, parts, 1)));
  }
  return torch::cat(nats).mean(-1);
}

// Eq. 2 for each pose as a whole in its virtual view.
torch::Tensor FullLikelihood(const LiftedViews& lifted, const LiftingLossOptions&) {
  const torch::Tensor all = torch::cat(lifted.views.unbind(0), -3);  // (..., P B, 17, 2)
  return lifted.flows->NegativeLogLikelihood({Segment::kFull}, all)
      .squeeze(0)
      .unflatten(-1, {lifted.views.size(0), -1})
      .mean(-1)
      .movedim(-1, 0);
}

}  // namespace

torch::Tensor WeightOf(const LiftingTerm& term, const std::vector<LiftingLossOptions>& options) {
  std::vector<double> weights;
  for (const LiftingLossOptions& own : options) weights.push_back(own.*term.weight);
  for (const double weight : weights) {
    if ((weight > 0) != (weights.front() > 0))
      throw Error("expected the weight ", term.name,
                  " of an ensemble's runs above 0 in all or in none, found ", weights.front(), " and ",
                  weight);
  }
  const torch::Tensor of_runs = torch::tensor(weights, torch::kFloat64);
  return weights.size() == 1 ? of_runs.squeeze(0) : of_runs;
}

const std::vector<LiftingTerm>& LiftingTerms() {
  using Options = LiftingLossOptions;
  using Views = LiftedViews;
  static const std::vector<LiftingTerm> terms = {
      {"likelihood", &Options::likelihood, LiftingTerm::kSegment, true, Likelihood,
       /*of_a_part=*/true},
      {"full_likelihood", &Options::full_likelihood, LiftingTerm::kPose, false, FullLikelihood},
      {"consistency_3d", &Options::consistency_3d, LiftingTerm::kPose, true,
       [](const Views& v, const Options&) { return Consistency3d(v.rotated, v.relifted); },
       /*of_a_part=*/true},
      {"reprojection_2d", &Options::reprojection_2d, LiftingTerm::kPose, true,
       [](const Views& v, const Options&) { return Reprojection2d(v.rotated_back, v.keypoints); },
       /*of_a_part=*/true},
      {"deformation", &Options::deformation, LiftingTerm::kPose, true,
       [](const Views& v, const Options& o) {
         return Deformation(v.poses, v.rotated_back, o.deformation_squared);
       },
       /*of_a_part=*/true},
      {"bone", &Options::bone, LiftingTerm::kPose, true,
       [](const Views& v, const Options& o) {
         return BoneLengths(Own(v.poses), v.bone_ratios, o.bone_mean);
       }},
      {"front_prior", &Options::front_prior, LiftingTerm::kPose, false,
       [](const Views& v, const Options& o) { return FrontPrior(Own(v.poses), o.front_margins); }},
      {"agreement", &Options::agreement, LiftingTerm::kPose, false,
       [](const Views& v, const Options&) { return Agreement(v.poses); }}};
  return terms;
}

}  // namespace links
