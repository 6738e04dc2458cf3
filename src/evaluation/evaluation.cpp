#include "links/evaluation/evaluation.h"

#include <torch/types.h>

#include <algorithm>
#include <numeric>

#include "links/core/error.h"
#include "links/metrics/accumulator.h"

namespace links {
namespace {

std::span<const float> Floats(const torch::Tensor& tensor) {
  return {tensor.data_ptr<float>(), static_cast<size_t>(tensor.numel())};
}

std::vector<int> WithRoot(std::vector<int> joints) {
  joints.insert(joints.begin(), kRoot);
  return joints;
}

// (1, 17): all joints but these.
torch::Tensor SeenWithout(const std::vector<int>& missing) {
  torch::Tensor seen = torch::ones({1, kJoints}, torch::kBool);
  for (int joint : missing) seen[0][joint] = false;
  return seen;
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
  // Per split, subset and group; the total is the last group of each.
  std::vector<std::vector<std::vector<Metrics>>> measured;
  for (const Split& split : splits_) {
    measured.push_back(MeasurePoses(Floats(predicted), Floats(joints_), subsets, split.group_of_pose,
                                    static_cast<int>(split.names.size())));
  }
  if (splits_.empty()) measured.push_back(MeasurePoses(Floats(predicted), Floats(joints_), subsets));
  std::vector<Result> results;
  for (size_t subset = 0; subset < subsets.size(); ++subset) {
    const auto add = [&](const std::string& grouping, const std::string& group, const Metrics& metrics) {
      results.push_back({composition, scenario, filler, subsets[subset].name, grouping, group, metrics});
    };
    add("all", "all", measured[0][subset].back());
    if (subsets[subset].joints.size() == kJoints)
      results.back().per_joint = MeasureJoints(Floats(predicted), Floats(joints_));
    for (size_t i = 0; i < splits_.size(); ++i) {
      const std::span<const Metrics> groups(measured[i][subset].data(), splits_[i].names.size());
      for (size_t g = 0; g < groups.size(); ++g) add(splits_[i].name, splits_[i].names[g], groups[g]);
      if (splits_[i].mean) add(splits_[i].name, "mean", MeanOf(groups));
    }
  }
  return results;
}

std::vector<Result> EvaluateRun(PoseLifters& lifters, Fillers* fillers, Completion* completion,
                                const torch::Tensor& keypoints, const GroundTruth& truth,
                                double mm_per_unit) {
  std::vector<Result> results;
  const auto score = [&](const torch::Tensor& joints, const std::string& composition,
                         const std::string& scenario, const std::string& filler,
                         const std::vector<JointSubset>& subsets) {
    const std::vector<Result> more =
        truth.Score(joints * mm_per_unit, composition, scenario, filler, subsets);
    results.insert(results.end(), more.begin(), more.end());
  };
  for (const LiftedPoses& lifted : LiftAll(lifters, keypoints)) {
    score(lifted.joints, lifted.composition, "none", "none", {AllJoints()});
  }
  if (!lifters->Has(LegsTorso())) return results;
  for (const Scenario& scenario : Scenarios()) {
    const std::vector<JointSubset> subsets = {
        AllJoints(), {"visible", WithRoot(scenario.Known())}, {"occluded", scenario.missing}};
    const bool filled =
        fillers && std::ranges::count((*fillers)->scenarios(), scenario.name, &Scenario::name) > 0;
    if (filled) {
      score(LiftOccluded2d(lifters, *fillers, scenario, keypoints), "legs_torso", scenario.name, "o2d",
            subsets);
    }
    if (filled && lifters->Has(scenario.visible)) {
      score(LiftOccluded3d(lifters, *fillers, scenario, keypoints), "legs_torso", scenario.name, "o3d",
            subsets);
    }
    if (completion) {
      const torch::Tensor seen = SeenWithout(scenario.missing);
      score(LiftMasked(lifters, *completion, keypoints, seen), "legs_torso", scenario.name, "mask", subsets);
    }
  }
  return results;
}

}  // namespace links
