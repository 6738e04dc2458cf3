#include "links/flow/pose_flows.h"

#include <torch/torch.h>

#include <string>

#include "links/geometry/shapes.h"

namespace links {

PoseFlowsImpl::PoseFlowsImpl(const FlowOptions& options, bool include_root, int64_t full_pca)
    : include_root_(include_root) {
  for (Segment segment : kSegments) {
    const std::vector<int> joints = SegmentJoints(segment, include_root);
    const std::string name(SegmentName(segment));
    const auto dimensions = 2 * static_cast<int64_t>(joints.size());
    const int64_t components = segment == Segment::kFull ? full_pca : 0;
    flows_.emplace(segment, register_module(name, RealNvp(dimensions, options, components)));
    joints_.emplace(segment, register_module(name + "_joints", JointSelect(joints)));
  }
}

torch::Tensor PoseFlowsImpl::Input(Segment segment, const torch::Tensor& pose) {
  CheckShape(pose, {-1, kJoints, 2}, "pose");
  return Flatten(joints_.at(segment)->forward(pose));
}

torch::Tensor PoseFlowsImpl::Pose(const torch::Tensor& columns) {
  const torch::Tensor joints = Unflatten(columns, 2);
  const torch::Tensor body = include_root_ ? joints.narrow(1, 1, kJoints - 1) : joints;
  return torch::cat({torch::zeros_like(body.narrow(1, 0, 1)), body}, 1);
}

torch::Tensor PoseFlowsImpl::NegativeLogLikelihood(Segment segment, const torch::Tensor& pose) {
  return flows_.at(segment)->NegativeLogLikelihood(Input(segment, pose));
}

}  // namespace links
