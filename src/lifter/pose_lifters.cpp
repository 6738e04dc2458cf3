#include "links/lifter/pose_lifters.h"

#include <torch/torch.h>

#include <algorithm>
#include <string>

#include "links/core/error.h"
#include "links/geometry/camera.h"
#include "links/geometry/shapes.h"

namespace links {

PoseLiftersImpl::PoseLiftersImpl(const std::vector<Segment>& segments, const LifterOptions& options,
                                 bool include_root)
    : segments_(segments), include_root_(include_root) {
  for (Segment segment : segments_) {
    const std::vector<int> joints = SegmentJoints(segment, include_root);
    const std::string name(SegmentName(segment));
    lifters_.emplace(segment,
                     register_module(name, SegmentLifter(static_cast<int64_t>(joints.size()), options)));
    inputs_.emplace(segment, register_module(name + "_joints", JointSelect(joints)));
  }
}

torch::Tensor PoseLiftersImpl::Points(Segment segment, const torch::Tensor& keypoints,
                                      const torch::Tensor& shared) {
  const torch::Tensor points = links::Lift(keypoints, lifters_.at(segment)->DepthOffset(shared));
  // The root's depth is 0 by definition: what a network that sees the root says of it is not used.
  const bool drop_root = include_root_ && segment != Segment::kTorso;
  return drop_root ? points.narrow(1, 1, points.size(1) - 1) : points;
}

torch::Tensor PoseLiftersImpl::Lift(Segment segment, const torch::Tensor& pose) {
  CheckShape(pose, {-1, kJoints, 2}, "pose");
  const torch::Tensor keypoints = inputs_.at(segment)->forward(pose);
  return Points(segment, keypoints, lifters_.at(segment)->Shared(Flatten(keypoints)));
}

LiftedWithElevation PoseLiftersImpl::LiftWithElevation(Segment segment, const torch::Tensor& pose) {
  CheckShape(pose, {-1, kJoints, 2}, "pose");
  const torch::Tensor keypoints = inputs_.at(segment)->forward(pose);
  const torch::Tensor shared = lifters_.at(segment)->Shared(Flatten(keypoints));
  return {Points(segment, keypoints, shared), lifters_.at(segment)->Elevation(shared)};
}

torch::Tensor PoseLiftersImpl::Compose(const Composition& composition, const LiftedSegments& lifted) {
  const torch::Tensor& first = lifted.at(composition.primary);
  std::vector<torch::Tensor> parts = {torch::zeros_like(first.narrow(1, 0, 1))};
  for (Segment segment : composition.segments()) parts.push_back(lifted.at(segment));
  torch::Tensor& columns = columns_[composition.name];
  if (!columns.defined() || columns.device() != first.device()) {
    const auto indices = composition.Columns();
    columns =
        torch::tensor(std::vector<int64_t>(indices.begin(), indices.end()), torch::kInt64).to(first.device());
  }
  return torch::cat(parts, 1).index_select(1, columns);
}

torch::Tensor PoseLiftersImpl::LiftPose(const Composition& composition, const torch::Tensor& pose) {
  LiftedSegments lifted;
  for (Segment segment : composition.segments()) lifted[segment] = Lift(segment, pose);
  return Compose(composition, lifted);
}

void PoseLiftersImpl::FitStandardisation(const torch::Tensor& poses) {
  for (Segment segment : segments_) {
    lifters_.at(segment)->FitStandardisation(Flatten(inputs_.at(segment)->forward(poses)));
  }
}

bool PoseLiftersImpl::Has(const Composition& composition) const {
  const std::vector<Segment> needed = composition.segments();
  return std::all_of(needed.begin(), needed.end(),
                     [&](Segment segment) { return lifters_.contains(segment); });
}

}  // namespace links
