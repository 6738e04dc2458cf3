#include "links/evaluation/evaluation.h"

#include <torch/types.h>

#include <algorithm>
#include <iterator>
#include <numeric>

#include "links/core/error.h"
#include "links/metrics/accumulator.h"

namespace links {
namespace {

std::span<const float> Numbers(const torch::Tensor& tensor) {
  return {tensor.data_ptr<float>(), static_cast<size_t>(tensor.numel())};
}

std::vector<int> WithRoot(std::vector<int> joints) {
  joints.insert(joints.begin(), kRoot);
  return joints;
}

}  // namespace

JointSubset AllJoints() {
  std::vector<int> joints(kJoints);
  std::iota(joints.begin(), joints.end(), 0);
  return {"all", joints};
}

GroundTruth::GroundTruth(const PoseData& poses, std::vector<Grouping> groupings)
    : joints_(RootCentredJoints(poses)) {
  for (Grouping& grouping : groupings) {
    Split split{std::move(grouping.name), grouping.mean, grouping.group, {}};
    std::sort(split.names.begin(), split.names.end());
    split.names.erase(std::unique(split.names.begin(), split.names.end()), split.names.end());
    for (const std::string& group : grouping.group) {
      const auto found = std::lower_bound(split.names.begin(), split.names.end(), group);
      split.group_of_pose.push_back(static_cast<int>(found - split.names.begin()));
    }
    splits_.push_back(std::move(split));
  }
}

std::vector<Result> GroundTruth::Score(const torch::Tensor& predicted_mm, const std::string& composition,
                                       const std::string& scenario, const std::string& filler,
                                       const std::vector<JointSubset>& subsets) const {
  const torch::Tensor predicted = predicted_mm.to(torch::kFloat32).contiguous();
  std::vector<PoseGroups> splits;
  for (const Split& split : splits_)
    splits.push_back({split.group_of_pose, static_cast<int>(split.names.size())});
  if (splits.empty()) splits.emplace_back();
  // Per split, subset and group; the total is the last group of each.
  const auto [measured, joints] = MeasureSplits(Numbers(predicted), Numbers(joints_), subsets, splits);
  std::vector<Result> results;
  for (size_t subset = 0; subset < subsets.size(); ++subset) {
    const auto add = [&](const std::string& grouping, const std::string& group, const Metrics& metrics) {
      results.push_back({composition, scenario, filler, subsets[subset].name, grouping, group, metrics});
    };
    add("all", "all", measured[0][subset].back());
    if (subsets[subset].joints.size() == kJoints) results.back().per_joint = joints;
    for (size_t i = 0; i < splits_.size(); ++i) {
      const std::span<const Metrics> groups(measured[i][subset].data(), splits_[i].names.size());
      for (size_t g = 0; g < groups.size(); ++g) add(splits_[i].name, splits_[i].names[g], groups[g]);
      if (splits_[i].mean) add(splits_[i].name, "mean", MeanOf(groups));
    }
  }
  return results;
}

std::vector<Result> EvaluateRun(PoseLifters& lifters, Fillers* fillers, Completion* completion,
                                const torch::Tensor& keypoints, const GroundTruth& truth, double mm_per_unit,
                                const GroundTruth* of_lifting) {
  std::vector<Result> results;
  const auto add = [&](std::vector<Result> more) { std::ranges::move(more, std::back_inserter(results)); };
  for (const LiftedPoses& lifted : LiftAll(lifters, keypoints)) {
    const GroundTruth& split = of_lifting && lifted.composition != "flat" ? *of_lifting : truth;
    add(split.Score(lifted.joints * mm_per_unit, lifted.composition, "none", "none", {AllJoints()}));
  }
  if (!lifters->Has(LegsTorso())) return results;
  for (const Scenario& scenario : Scenarios()) {
    const auto score = [&](const torch::Tensor& joints, const std::string& filler,
                           const std::vector<JointSubset>& subsets) {
      add(truth.Score(joints * mm_per_unit, "legs_torso", scenario.name, filler, subsets));
    };
    const std::vector<JointSubset> subsets = {
        AllJoints(), {"visible", WithRoot(scenario.Known())}, {"occluded", scenario.missing}};
    const bool filled =
        fillers && std::ranges::count((*fillers)->scenarios(), scenario.name, &Scenario::name) > 0;
    if (filled) score(LiftOccluded2d(lifters, *fillers, scenario, keypoints), "o2d", subsets);
    if (filled && lifters->Has(scenario.visible))
      score(LiftOccluded3d(lifters, *fillers, scenario, keypoints), "o3d", subsets);
    if (completion)
      score(LiftMasked(lifters, *completion, keypoints, SeenWithout(scenario.missing)), "mask", subsets);
  }
  return results;
}

}  // namespace links
