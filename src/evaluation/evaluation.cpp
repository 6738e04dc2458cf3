#include "links/evaluation/evaluation.h"

#include <torch/torch.h>

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

}  // namespace

JointSubset AllJoints() {
  std::vector<int> joints(kJoints);
  std::iota(joints.begin(), joints.end(), 0);
  return {"all", joints};
}

GroundTruth::GroundTruth(const PoseData& poses) : joints_(RootCentredJoints(poses)), actions_(poses.action) {
  std::sort(actions_.begin(), actions_.end());
  actions_.erase(std::unique(actions_.begin(), actions_.end()), actions_.end());
  for (const std::string& action : poses.action) {
    const auto found = std::lower_bound(actions_.begin(), actions_.end(), action);
    action_of_pose_.push_back(static_cast<int>(found - actions_.begin()));
  }
}

std::vector<Result> GroundTruth::Score(const torch::Tensor& predicted_mm, const std::string& composition,
                                       const std::string& scenario, const std::string& filler,
                                       const std::vector<JointSubset>& subsets) const {
  const torch::Tensor predicted = predicted_mm.to(torch::kFloat32).contiguous();
  const auto measured = MeasurePoses(Floats(predicted), Floats(joints_), subsets, action_of_pose_,
                                     static_cast<int>(actions_.size()));
  std::vector<Result> results;
  for (size_t subset = 0; subset < subsets.size(); ++subset) {
    const auto add = [&](const std::string& action, const Metrics& metrics) {
      results.push_back({composition, scenario, filler, subsets[subset].name, action, metrics});
    };
    add("all", measured[subset].back());
    for (size_t action = 0; action < actions_.size(); ++action)
      add(actions_[action], measured[subset][action]);
  }
  return results;
}

std::vector<Result> EvaluateRun(PoseLifters& lifters, Fillers* fillers, const torch::Tensor& keypoints,
                                const GroundTruth& truth, double mm_per_unit) {
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
  if (!fillers || !lifters->Has(LegsTorso())) return results;
  for (const Scenario& scenario : Scenarios()) {
    const std::vector<JointSubset> subsets = {
        AllJoints(), {"visible", WithRoot(scenario.Known())}, {"occluded", scenario.missing}};
    score(LiftOccluded2d(lifters, *fillers, scenario, keypoints), "legs_torso", scenario.name, "o2d",
          subsets);
    if (lifters->Has(scenario.visible)) {
      score(LiftOccluded3d(lifters, *fillers, scenario, keypoints), "legs_torso", scenario.name, "o3d",
            subsets);
    }
  }
  return results;
}

}  // namespace links
