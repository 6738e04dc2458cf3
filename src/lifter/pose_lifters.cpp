#include "links/lifter/pose_lifters.h"

#include <torch/types.h>

#include <algorithm>

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

int64_t PlaceIn(const std::vector<Segment>& segments, Segment segment) {
  const auto found = std::ranges::find(segments, segment);
  if (found == segments.end())
    throw Error("expected a lifter of the segment ", SegmentName(segment), ", found none");
  return found - segments.begin();
}

torch::Tensor Joined(const std::vector<torch::Tensor>& of_lifters) {
  return of_lifters.size() == 1 ? of_lifters.front() : torch::cat(of_lifters, 0);
}

}  // namespace

PoseLiftersImpl::PoseLiftersImpl(const std::vector<Segment>& segments, const LifterOptions& options,
                                 bool include_root, int64_t runs)
    : segments_(segments),
      runs_(runs),
      stack_(register_module("stack", SegmentLifters(JointsOf(segments, include_root, runs), options))) {}

torch::Tensor PoseLiftersImpl::Depths(const torch::Tensor& poses) {
  return Depths(poses, segments_);
}

LiftedSegments PoseLiftersImpl::Lift(const torch::Tensor& poses) {
  return Lift(poses, segments_);
}

torch::Tensor PoseLiftersImpl::Depths(const torch::Tensor& poses, const std::vector<Segment>& of) {
  std::vector<torch::Tensor> depths;
  ForEachTrunk(poses, of, [&](const torch::Tensor& trunk, int64_t first) {
    depths.push_back(stack_->DepthOffset(trunk, first));
  });
  return Joined(depths);
}

LiftedSegments PoseLiftersImpl::Lift(const torch::Tensor& poses, const std::vector<Segment>& of) {
  std::vector<torch::Tensor> depths, elevations;
  ForEachTrunk(poses, of, [&](const torch::Tensor& trunk, int64_t first) {
    depths.push_back(stack_->DepthOffset(trunk, first));
    elevations.push_back(stack_->Elevation(trunk, first));
  });
  return {Joined(depths), Joined(elevations)};
}

void PoseLiftersImpl::ForEachTrunk(
    const torch::Tensor& poses, const std::vector<Segment>& of,
    const std::function<void(const torch::Tensor& trunk, int64_t first)>& work) {
  CheckPoses(poses, static_cast<int64_t>(of.size()), runs_);
  const bool one_for_all = poses.dim() <= (runs_ > 1 ? 4 : 3);
  for (size_t begin = 0, end = 0; begin < of.size(); begin = end) {
    const int64_t first = IndexOf(of[begin]);
    while (end < of.size() && IndexOf(of[end]) - first == static_cast<int64_t>(end - begin)) ++end;
    const auto place = static_cast<int64_t>(begin), count = static_cast<int64_t>(end - begin);
    work(stack_->Trunk(one_for_all ? poses : poses.narrow(0, place, count), first, count), first);
  }
}

torch::Tensor PoseLiftersImpl::Selection(const std::vector<Composition>& compositions, torch::Device device) {
  return Selection(compositions, segments_, device);
}

torch::Tensor PoseLiftersImpl::Selection(const std::vector<Composition>& compositions,
                                         const std::vector<Segment>& of, torch::Device device) {
  std::string names;
  for (const Composition& composition : compositions) {
    names += composition.name;
    for (const Segment segment : composition.segments()) names.append(" ").append(SegmentName(segment));
    names += ",";
  }
  for (const Segment segment : of) names.append(" ").append(SegmentName(segment));
  torch::Tensor& selection = selections_[names];
  if (selection.defined() && selection.device() == device) return selection;
  torch::Tensor rows =
      torch::zeros({static_cast<int64_t>(compositions.size()), static_cast<int64_t>(of.size()), kJoints});
  for (size_t p = 0; p < compositions.size(); ++p) {
    const torch::Tensor row = rows[static_cast<int64_t>(p)];
    // The primary segment comes last: it takes the joints that both have.
    std::vector<Segment> order = compositions[p].segments();
    std::reverse(order.begin(), order.end());
    for (const Segment segment : order) {
      for (const int joint : SegmentJoints(segment)) {
        row.select(1, joint).zero_();
        row[PlaceIn(of, segment)][joint] = 1;
      }
    }
  }
  return selection = rows.to(device);
}

torch::Tensor PoseLiftersImpl::LiftPose(const Composition& composition, const torch::Tensor& pose) {
  return LiftEach({composition}, pose).squeeze(0);
}

torch::Tensor PoseLiftersImpl::MeanSelection(const std::vector<Composition>& compositions,
                                             torch::Device device) {
  return Selection(compositions, device).mean(0, /*keepdim=*/true);
}

torch::Tensor PoseLiftersImpl::LiftEach(const std::vector<Composition>& compositions,
                                        const torch::Tensor& pose) {
  return LiftEach(compositions, pose, pose);
}

torch::Tensor PoseLiftersImpl::LiftEach(const std::vector<Composition>& compositions,
                                        const torch::Tensor& pose, const torch::Tensor& given) {
  const std::vector<Segment> needed = SegmentsOf(compositions);
  return ComposePoses(pose, Depths(given, needed), Selection(compositions, needed, pose.device()));
}

torch::Tensor PoseLiftersImpl::LiftMean(const std::vector<Composition>& compositions,
                                        const torch::Tensor& pose) {
  const std::vector<Segment> needed = SegmentsOf(compositions);
  const torch::Tensor shares = Selection(compositions, needed, pose.device()).mean(0, /*keepdim=*/true);
  return ComposePoses(pose, Depths(pose, needed), shares).squeeze(0);
}

void PoseLiftersImpl::FitStandardisation(const torch::Tensor& poses) {
  stack_->FitStandardisation(poses);
}

int64_t PoseLiftersImpl::IndexOf(Segment segment) const {
  return PlaceIn(segments_, segment);
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
