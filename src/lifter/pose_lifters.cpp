#include "links/lifter/pose_lifters.h"

#include <torch/types.h>

#include <algorithm>
#include <set>

#include "links/core/error.h"
#include "links/dataset/features.h"
#include "links/geometry/camera.h"
#include "links/geometry/shapes.h"
#include "links/network/ensemble.h"

namespace links {
namespace {

// (S, ..., 17) bool.
torch::Tensor JointsOf(const std::vector<Segment>& segments, bool include_root, int64_t runs) {
  std::vector<std::vector<int>> joints;
  for (const Segment segment : segments) joints.push_back(SegmentJoints(segment, include_root));
  return ForEachRun(JointMask(joints), runs);
}

}  // namespace

PoseLiftersImpl::PoseLiftersImpl(const std::vector<Segment>& segments, const LifterOptions& options,
                                 bool include_root, int64_t runs)
    : segments_(segments),
      runs_(runs),
      stack_(register_module("stack", SegmentLifters(JointsOf(segments, include_root, runs), options))) {}

torch::Tensor PoseLiftersImpl::Trunk(const torch::Tensor& poses, int64_t first, int64_t count) {
  CheckPoses(poses, count, runs_);
  return stack_->Trunk(poses, first, count);
}

torch::Tensor PoseLiftersImpl::Depths(const torch::Tensor& poses) {
  return stack_->DepthOffset(Trunk(poses, 0, static_cast<int64_t>(segments_.size())), 0);
}

LiftedSegments PoseLiftersImpl::Lift(const torch::Tensor& poses) {
  const torch::Tensor trunk = Trunk(poses, 0, static_cast<int64_t>(segments_.size()));
  return {stack_->DepthOffset(trunk, 0), stack_->Elevation(trunk, 0)};
}

torch::Tensor PoseLiftersImpl::Selection(const std::vector<Composition>& compositions, torch::Device device) {
  std::string names;
  for (const Composition& composition : compositions) {
    names += composition.name;
    for (const Segment segment : composition.segments()) names.append(" ").append(SegmentName(segment));
    names += ",";
  }
  torch::Tensor& selection = selections_[names];
  if (selection.defined() && selection.device() == device) return selection;
  torch::Tensor rows = torch::zeros(
      {static_cast<int64_t>(compositions.size()), static_cast<int64_t>(segments_.size()), kJoints});
  for (size_t p = 0; p < compositions.size(); ++p) {
    const torch::Tensor row = rows[static_cast<int64_t>(p)];
    // The primary segment comes last: it takes the joints that both have.
    std::vector<Segment> order = compositions[p].segments();
    std::reverse(order.begin(), order.end());
    for (const Segment segment : order) {
      for (const int joint : SegmentJoints(segment)) {
        row.select(1, joint).zero_();
        row[IndexOf(segment)][joint] = 1;
      }
    }
  }
  return selection = rows.to(device);
}

torch::Tensor PoseLiftersImpl::LiftPose(const Composition& composition, const torch::Tensor& pose) {
  return LiftSelected(Selection({composition}, pose.device()), {composition}, pose);
}

torch::Tensor PoseLiftersImpl::MeanSelection(const std::vector<Composition>& compositions,
                                             torch::Device device) {
  return Selection(compositions, device).mean(0, /*keepdim=*/true);
}

torch::Tensor PoseLiftersImpl::LiftMean(const std::vector<Composition>& compositions,
                                        const torch::Tensor& pose) {
  return LiftSelected(MeanSelection(compositions, pose.device()), compositions, pose);
}

torch::Tensor PoseLiftersImpl::LiftSelected(const torch::Tensor& selection,
                                            const std::vector<Composition>& compositions,
                                            const torch::Tensor& pose) {
  std::vector<torch::Tensor> depths, selected;
  const auto ask = [&](int64_t first, int64_t count) {
    depths.push_back(stack_->DepthOffset(Trunk(pose, first, count), first));
    selected.push_back(selection.narrow(1, first, count));
  };
  std::set<int64_t> needed;
  for (const Composition& composition : compositions) {
    for (const Segment segment : composition.segments()) needed.insert(IndexOf(segment));
  }
  const std::vector<int64_t> indices(needed.begin(), needed.end());
  // Lifters that lie side by side are asked at once, others one by one.
  const auto count = static_cast<int64_t>(indices.size());
  if (indices.back() - indices.front() == count - 1) {
    ask(indices.front(), count);
  } else {
    for (const int64_t index : indices) ask(index, 1);
  }
  return ComposePoses(pose, torch::cat(depths, 0), torch::cat(selected, 1)).squeeze(0);
}

void PoseLiftersImpl::FitStandardisation(const torch::Tensor& poses) {
  stack_->FitStandardisation(poses);
}

int64_t PoseLiftersImpl::IndexOf(Segment segment) const {
  const auto found = std::find(segments_.begin(), segments_.end(), segment);
  if (found == segments_.end())
    throw Error("expected a lifter of the segment ", SegmentName(segment), ", found none");
  return found - segments_.begin();
}

bool PoseLiftersImpl::Has(const Composition& composition) const {
  const std::vector<Segment> needed = composition.segments();
  return std::ranges::all_of(needed, [&](Segment segment) {
    return std::find(segments_.begin(), segments_.end(), segment) != segments_.end();
  });
}

torch::Tensor ComposePoses(const torch::Tensor& keypoints, const torch::Tensor& depths,
                           const torch::Tensor& selection) {
  // (P, S, 17) -> (P, S, ..., 1, 17)
  const torch::Tensor chooses = InsertAxes(selection, 2, depths.dim() + 1);
  const torch::Tensor chosen = (depths * chooses).sum(1);  // (P, ..., B, 17)
  const torch::Tensor known = InsertAxes(selection.sum(1), 1, chosen.dim()).unsqueeze(-1);
  return Lift(keypoints, chosen) * known;
}

}  // namespace links
