#include "links/flow/pose_flows.h"

#include <torch/torch.h>

#include <algorithm>
#include <string>

#include "links/core/error.h"
#include "links/dataset/columns.h"
#include "links/geometry/shapes.h"

namespace links {
namespace {

// The columns of a segment in a coordinate-major pose: all x, then all y.
torch::Tensor Columns(Segment segment, bool include_root) {
  const std::vector<int> joints = SegmentJoints(segment, include_root);
  const torch::Tensor x = torch::tensor(std::vector<int64_t>(joints.begin(), joints.end()), torch::kInt64);
  return torch::cat({x, x + kJoints});
}

}  // namespace

PoseFlowsImpl::PoseFlowsImpl(const FlowOptions& options, bool include_root,
                             const std::vector<Segment>& segments, int64_t full_pca)
    : include_root_(include_root), segments_(segments) {
  full_ = register_module("full", RealNvp(Columns(Segment::kFull, include_root).size(0), options, full_pca));
  if (segments.empty()) return;
  std::vector<int64_t> dimensions;
  for (Segment segment : segments) dimensions.push_back(Columns(segment, include_root).size(0));
  stack_ = register_module("stack", RealNvp(dimensions, options));
  const ChannelLayout& layout = stack_->layout();
  places_ = register_buffer("places", torch::full(layout.used.sizes(), 2 * kJoints, torch::kInt64));
  for (size_t i = 0; i < segments.size(); ++i) {
    const auto n = static_cast<int64_t>(i);
    places_[n].index_copy_(0, layout.Places(n), Columns(segments[i], include_root));
  }
}

torch::Tensor PoseFlowsImpl::FullInput(const torch::Tensor& pose) {
  CheckShape(pose, {-1, kJoints, 2}, "pose");
  return Flatten(include_root_ ? pose : pose.narrow(1, 1, kJoints - 1));
}

torch::Tensor PoseFlowsImpl::StackInput(int64_t first, int64_t count, const torch::Tensor& poses) {
  CheckPoses(poses, count);
  const torch::Tensor places = places_.narrow(0, first, count);
  // Pose columns as rows, (34, B) or (N, 34, B), and a row of zeros for what a flow has not.
  const torch::Tensor rows = torch::constant_pad_nd(poses.transpose(-1, -3).flatten(-3, -2), {0, 0, 0, 1});
  if (poses.dim() == 3) {
    return rows.index_select(0, places.flatten()).unflatten(0, places.sizes()).transpose(1, 2);
  }
  return rows.gather(1, places.unsqueeze(2).expand({-1, -1, rows.size(2)})).transpose(1, 2);
}

torch::Tensor PoseFlowsImpl::Pose(const torch::Tensor& columns) {
  const torch::Tensor joints = Unflatten(columns, 2);
  const torch::Tensor body = include_root_ ? joints.narrow(1, 1, kJoints - 1) : joints;
  return torch::cat({torch::zeros_like(body.narrow(1, 0, 1)), body}, 1);
}

torch::Tensor PoseFlowsImpl::NegativeLogLikelihood(const std::vector<Segment>& which,
                                                   const torch::Tensor& poses) {
  if (which == std::vector{Segment::kFull}) {
    return full_->NegativeLogLikelihood(FullInput(poses.dim() == 4 ? poses.squeeze(0) : poses)).unsqueeze(0);
  }
  const auto first = std::search(segments_.begin(), segments_.end(), which.begin(), which.end());
  if (which.empty() || first == segments_.end())
    throw Error("expected segments in the order of the flows, found others");
  const int64_t from = first - segments_.begin();
  return stack_->NegativeLogLikelihood(StackInput(from, static_cast<int64_t>(which.size()), poses), from);
}

void PoseFlowsImpl::FitFull(const torch::Tensor& poses) {
  full_->Fit(FullInput(poses));
}

void PoseFlowsImpl::FitSegments(const torch::Tensor& poses) {
  stack_->Fit(StackInput(0, static_cast<int64_t>(segments_.size()), poses));
}

}  // namespace links
