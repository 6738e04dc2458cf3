#include "links/loss/lifting_loss.h"

#include <torch/torch.h>

#include <algorithm>

#include "links/core/error.h"
#include "links/dataset/runs.h"
#include "links/geometry/camera.h"
#include "links/geometry/rotation.h"

namespace links {
namespace {

// The sum over what belongs to each group, weighted: members (G, S), values (S, M) -> (G, M). Not as a
// product, which a GPU would round to TF32.
torch::Tensor SumOf(const torch::Tensor& members, const torch::Tensor& values) {
  return (members.unsqueeze(2) * values).sum(1);
}

// Uniform in [-half_range, half_range], in the shape of the elevations (G, R B).
torch::Tensor Uniform(const RandomStreams& streams, const torch::Tensor& elevations, double half_range) {
  return (streams.Uniform(elevations, 1) * 2 - 1) * half_range;
}

}  // namespace

LifterGroup MakeLifterGroup(const std::string& name) {
  if (name == "legs_torso") return {name, {LegsTorso()}, {Segment::kLegs, Segment::kTorso}, {0, 0}};
  if (name == "left_right")
    return {name, {LeftCore(), RightCore()}, {Segment::kLeft, Segment::kRight}, {0, 1}};
  if (name == "full") return {name, {FullPose()}, {Segment::kFull}, {0}};
  throw Error("expected a lifter group legs_torso, left_right or full, found '", name, "'");
}

LiftingLoss::Weight LiftingLoss::WeightOf(double LiftingLossOptions::*weight,
                                          const std::vector<LiftingLossOptions>& options) const {
  std::vector<double> values;
  for (const LiftingLossOptions& own : options) values.push_back(own.*weight);
  const auto above_0 = [](double value) { return value > 0; };
  const torch::Tensor of_runs = torch::tensor(values, torch::kFloat64).to(bone_ratios_.options());
  return {of_runs, of_runs > 0, std::ranges::any_of(values, above_0), std::ranges::all_of(values, above_0)};
}

torch::Tensor LiftingLoss::Weight::Open(const torch::Tensor& poses) const {
  if (all) return poses;
  // A weight of 0 is not enough: 0 times an infinite slope is not a number.
  std::vector<int64_t> shape(static_cast<size_t>(poses.dim()), 1);
  shape[0] = above_0.size(0);
  const torch::Tensor by_run = poses.unflatten(1, {above_0.size(0), -1});
  return torch::where(above_0.view(shape), by_run, by_run.detach()).flatten(1, 2);
}

torch::Tensor LiftingLoss::Weight::Only(const torch::Tensor& term) const {
  return all ? term : torch::where(above_0, term, torch::zeros_like(term));
}

torch::Tensor LiftingLoss::Weight::Sum(const torch::Tensor& term) const {
  return Only(of_runs * term.sum(0));
}

LiftingLoss::LiftingLoss(std::vector<LifterGroup> groups, const std::vector<LiftingLossOptions>& options,
                         torch::Tensor bone_ratios)
    : groups_(std::move(groups)), options_(options.front()), bone_ratios_(std::move(bone_ratios)) {
  likelihood_ = WeightOf(&LiftingLossOptions::likelihood, options);
  full_likelihood_ = WeightOf(&LiftingLossOptions::full_likelihood, options);
  consistency_3d_ = WeightOf(&LiftingLossOptions::consistency_3d, options);
  reprojection_2d_ = WeightOf(&LiftingLossOptions::reprojection_2d, options);
  deformation_ = WeightOf(&LiftingLossOptions::deformation, options);
  bone_ = WeightOf(&LiftingLossOptions::bone, options);
  front_prior_ = WeightOf(&LiftingLossOptions::front_prior, options);
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

torch::Tensor LiftingLoss::DrawRotations(const torch::Tensor& elevations, const RandomStreams& streams) const {
  const torch::Tensor azimuth = Uniform(streams, elevations, options_.azimuth_range);
  if (options_.elevation == "fixed") {
    return Chain(RotationX(Uniform(streams, elevations, options_.elevation_range)), RotationY(azimuth));
  }
  const torch::Tensor by_run = elevations.unflatten(1, {runs(), -1});
  const torch::Tensor mean = by_run.mean(2, /*keepdim=*/true), deviation = by_run.std(2, true, true);
  const torch::Tensor noise = streams.Normal(elevations, 1).unflatten(1, {runs(), -1});
  const torch::Tensor angle = (deviation * noise - mean).flatten(1);
  return Chain(Chain(RotationX(angle), RotationY(azimuth)), RotationX(elevations));
}

torch::Tensor LiftingLoss::Likelihood(PoseFlows& flows, const std::vector<Segment>& segments,
                                      const torch::Tensor& views) const {
  // The full pose has a flow of its own, the last.
  const bool full = segments.back() == Segment::kFull;
  const auto parts = static_cast<int64_t>(segments.size()) - (full ? 1 : 0);
  std::vector<torch::Tensor> nats;
  if (parts > 0) {
    nats.push_back(flows->NegativeLogLikelihood({segments.begin(), segments.begin() + parts},
                                                views.narrow(0, 0, parts)));
  }
  if (full) nats.push_back(flows->NegativeLogLikelihood({Segment::kFull}, views.narrow(0, parts, 1)));
  return SumOf(segments_in_group_, torch::cat(nats).unflatten(1, {runs(), -1}).mean(2));
}

torch::Tensor LiftingLoss::FullLikelihood(PoseFlows& flows, const torch::Tensor& views) const {
  const torch::Tensor by_run = views.unflatten(1, {runs(), -1}).transpose(0, 1);  // (R, P, B, 17, 2)
  return flows->NegativeLogLikelihood({Segment::kFull}, by_run.flatten(0, 2))
      .view(by_run.sizes().slice(0, 3))
      .mean(2)
      .t();
}

StepLoss LiftingLoss::operator()(PoseLifters& lifters, PoseFlows& flows, const torch::Tensor& keypoints,
                                 const RandomStreams& streams) const {
  // Shapes: S segments, P poses put together from them, G groups; P and S of a group share its rotation. B is
  // the batches of all R runs.
  if (lifters->runs() != runs())
    throw Error("expected the lifters of ", runs(), " runs, found those of ", lifters->runs());
  const bool learned = options_.elevation == "learned";
  const LiftedSegments lifted =
      learned ? lifters->Lift(keypoints) : LiftedSegments{lifters->Depths(keypoints), {}};
  const torch::Tensor elevations =
      learned ? SumOf(segments_in_group_ / segments_in_group_.sum(1, true), lifted.elevation)
              : torch::zeros({segments_in_group_.size(0), keypoints.size(0)}, keypoints.options());
  const torch::Tensor rotations = DrawRotations(elevations, streams).index_select(0, group_of_pose_);

  const torch::Tensor selection = lifters->Selection(poses_, keypoints.device());
  const torch::Tensor poses = ComposePoses(keypoints, lifted.depths, selection);
  const torch::Tensor rotated = Rotate(rotations, poses);
  const torch::Tensor views = Project(rotated);

  const torch::Tensor views_of_segments = views.index_select(0, view_of_segment_);
  const torch::Tensor relifted_depths = lifters->Depths(views_of_segments);
  const torch::Tensor relifted = ComposePoses(views, relifted_depths, selection);
  const torch::Tensor rotated_back = RotateBack(rotations, relifted);

  // Of poses (..., R B, 17, K) those of each run, for the means over its batch: (..., R, B, 17, K).
  const auto each = [&](const torch::Tensor& of_runs) { return of_runs.unflatten(-3, {runs(), -1}); };
  // The means over the batch of each group, its poses added up: (P, R) -> (G, R).
  const auto by_group = [&](const torch::Tensor& of_poses) { return SumOf(poses_in_group_, of_poses); };
  const torch::Tensor zeros = torch::zeros({poses_in_group_.size(0), runs()}, keypoints.options());
  struct Term {
    const char* name;
    torch::Tensor value;  // (G, R)
    const Weight& weight;
  };
  const Weight &nf = likelihood_, &full = full_likelihood_, &l3d = consistency_3d_, &l2d = reprojection_2d_;
  const std::vector<Term> terms = {
      {"likelihood", Likelihood(flows, lifters->segments(), nf.Open(views_of_segments)), nf},
      {"full_likelihood", full.any ? full.Only(by_group(FullLikelihood(flows, full.Open(views)))) : zeros,
       full},
      {"consistency_3d", by_group(Consistency3d(each(l3d.Open(rotated)), each(l3d.Open(relifted)))), l3d},
      {"reprojection_2d", by_group(Reprojection2d(each(l2d.Open(rotated_back)), each(keypoints))), l2d},
      {"deformation",
       by_group(Deformation(each(deformation_.Open(poses)), each(deformation_.Open(rotated_back)),
                            options_.deformation_squared)),
       deformation_},
      {"bone", by_group(BoneLengths(each(bone_.Open(poses)), bone_ratios_, options_.bone_mean)), bone_},
      {"front_prior",
       front_prior_.any
           ? front_prior_.Only(by_group(FrontPrior(each(front_prior_.Open(poses)), options_.front_margins)))
           : zeros,
       front_prior_}};
  StepLoss loss{torch::zeros({runs()}, keypoints.options()), {}};
  for (const Term& term : terms) {
    if (term.weight.any) loss.total = loss.total + term.weight.Sum(term.value);
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
