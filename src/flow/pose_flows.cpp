#include "links/flow/pose_flows.h"

#include <torch/torch.h>

#include <algorithm>
#include <string>

#include "links/core/error.h"
#include "links/dataset/features.h"
#include "links/dataset/runs.h"
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
                             const std::vector<Segment>& segments, int64_t full_pca, int64_t runs)
    : include_root_(include_root), runs_(runs), segments_(segments) {
  const auto of_runs = [&](std::vector<int64_t>& dimensions, Segment segment) {
    dimensions.insert(dimensions.end(), static_cast<size_t>(runs), Columns(segment, include_root).size(0));
  };
  std::vector<int64_t> of_full, of_segments;
  of_runs(of_full, Segment::kFull);
  full_ = register_module("full", RealNvp(of_full, options, full_pca));
  if (segments.empty()) return;
  for (const Segment segment : segments) of_runs(of_segments, segment);
  stack_ = register_module("stack", RealNvp(of_segments, options));
  const ChannelLayout& layout = stack_->layout();
  const auto count = static_cast<int64_t>(segments.size());
  places_ = register_buffer("places", torch::full({count, layout.used.size(1)}, 2 * kJoints, torch::kInt64));
  for (int64_t n = 0; n < count; ++n) {
    places_[n].index_copy_(0, layout.Places(n * runs),
                           Columns(segments[static_cast<size_t>(n)], include_root));
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
    const torch::Tensor columns = FullInput(poses.dim() == 4 ? poses.squeeze(0) : poses);
    return full_->NegativeLogLikelihood(columns.unflatten(0, {runs_, -1})).flatten().unsqueeze(0);
  }
  const auto first = std::search(segments_.begin(), segments_.end(), which.begin(), which.end());
  if (which.empty() || first == segments_.end())
    throw Error("expected segments in the order of the flows, found others");
  const int64_t from = first - segments_.begin();
  const torch::Tensor columns = StackInput(from, static_cast<int64_t>(which.size()), poses);
  return JoinRuns(stack_->NegativeLogLikelihood(SplitRuns(columns, runs_), from * runs_), runs_);
}

void PoseFlowsImpl::FitFull(const torch::Tensor& poses) {
  full_->Fit(FullInput(poses));
}

void PoseFlowsImpl::FitSegments(const torch::Tensor& poses) {
  stack_->Fit(StackInput(0, static_cast<int64_t>(segments_.size()), poses));
}

}  // namespace links
