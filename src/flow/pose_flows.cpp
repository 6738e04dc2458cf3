#include "links/flow/pose_flows.h"

#include <torch/types.h>

#include <algorithm>
#include <string>

#include "links/core/error.h"
#include "links/dataset/features.h"
#include "links/geometry/shapes.h"

namespace links {
namespace {

// The features of a segment in a coordinate-major pose: all x, then all y.
torch::Tensor PoseFeatures(Segment segment, bool include_root) {
  const std::vector<int> joints = SegmentJoints(segment, include_root);
  const torch::Tensor x = torch::tensor(std::vector<int64_t>(joints.begin(), joints.end()), torch::kInt64);
  return torch::cat({x, x + kJoints});
}

}  // namespace

PoseFlowsImpl::PoseFlowsImpl(const FlowOptions& options, bool include_root,
                             const std::vector<Segment>& segments, int64_t full_pca, int64_t runs)
    : include_root_(include_root), runs_(runs), segments_(segments) {
  const auto features_of = [&](Segment segment) { return PoseFeatures(segment, include_root); };
  full_ = register_module("full",
                          RealNvp(std::vector{features_of(Segment::kFull).size(0)}, options, full_pca, runs));
  if (segments.empty()) return;
  std::vector<int64_t> dimensions;
  for (const Segment segment : segments) dimensions.push_back(features_of(segment).size(0));
  stack_ = register_module("stack", RealNvp(dimensions, options, 0, runs));
  const ChannelLayout& layout = stack_->layout();
  const auto count = static_cast<int64_t>(segments.size());
  indices_ =
      register_buffer("indices", torch::full({count, layout.used.size(1)}, 2 * kJoints, torch::kInt64));
  for (int64_t n = 0; n < count; ++n)
    indices_[n].index_copy_(0, layout.Indices(n), features_of(segments[static_cast<size_t>(n)]));
}

torch::Tensor PoseFlowsImpl::FullInput(const torch::Tensor& pose) {
  CheckLastSizes(pose, {-1, kJoints, 2}, "pose");
  return Flatten(include_root_ ? pose : pose.narrow(-2, 1, kJoints - 1));
}

torch::Tensor PoseFlowsImpl::StackInput(int64_t first, int64_t count, const torch::Tensor& poses) {
  const torch::Tensor indices = indices_.narrow(0, first, count);
  // Pose features as rows, ([N,] ..., 34, B), and a row of zeros for the channels that a flow has not.
  const torch::Tensor rows = torch::constant_pad_nd(poses.transpose(-1, -3).flatten(-3, -2), {0, 0, 0, 1});
  const bool for_all = poses.dim() == 3 + (runs_ > 1);
  if (for_all) {
    return rows.index_select(-2, indices.flatten())
        .unflatten(-2, indices.sizes())
        .movedim(-3, 0)
        .transpose(-1, -2);
  }
  std::vector<int64_t> sizes = rows.sizes().vec();
  sizes[sizes.size() - 2] = indices.size(1);
  const torch::Tensor of_each = InsertAxes(indices, 1, rows.dim() - 1).unsqueeze(-1);
  return rows.gather(-2, of_each.expand(sizes)).transpose(-1, -2);
}

torch::Tensor PoseFlowsImpl::Pose(const torch::Tensor& features) {
  const torch::Tensor joints = Unflatten(features, 2);
  const torch::Tensor body = include_root_ ? joints.narrow(-2, 1, kJoints - 1) : joints;
  return torch::cat({torch::zeros_like(body.narrow(-2, 0, 1)), body}, -2);
}

torch::Tensor PoseFlowsImpl::NegativeLogLikelihood(const std::vector<Segment>& which,
                                                   const torch::Tensor& poses) {
  CheckPoses(poses, static_cast<int64_t>(which.size()), runs_);
  if (which == std::vector{Segment::kFull}) {
    const torch::Tensor features = FullInput(poses);
    const bool for_all = poses.dim() == 3 + (runs_ > 1);
    return full_->NegativeLogLikelihood(for_all ? features.unsqueeze(0) : features);
  }
  const auto found = std::search(segments_.begin(), segments_.end(), which.begin(), which.end());
  if (which.empty() || found == segments_.end())
    throw Error("expected segments in the order of the flows, found others");
  const int64_t first = found - segments_.begin();
  return stack_->NegativeLogLikelihood(StackInput(first, static_cast<int64_t>(which.size()), poses), first);
}

void PoseFlowsImpl::FitFull(const torch::Tensor& poses) {
  full_->Fit(FullInput(poses));
}

void PoseFlowsImpl::FitSegments(const torch::Tensor& poses) {
  // The same poses for every run: without an ensemble's dimension.
  const torch::Tensor rows = torch::constant_pad_nd(Flatten(poses).t(), {0, 0, 0, 1});
  stack_->Fit(rows.index_select(0, indices_.flatten()).unflatten(0, indices_.sizes()).transpose(1, 2));
}

}  // namespace links
