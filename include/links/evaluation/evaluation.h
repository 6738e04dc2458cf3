#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

#include "links/data/pose_file.h"
#include "links/dataset/normalisation.h"
#include "links/evaluation/lifting.h"
#include "links/metrics/protocol.h"
#include "links/metrics/result.h"

namespace links {

/// What poses are scored against: ground truth in mm, and how the figures are split.
class GroundTruth {
 public:
  /// Throws Error when the poses have no 3D joints.
  explicit GroundTruth(const PoseData& poses, std::vector<Grouping> groupings = {});

  /// Scores predictions (N, 17, 3) in mm on the CPU: a result for each subset of joints, in total and
  /// per group.
  std::vector<Result> Score(const torch::Tensor& predicted_mm, const std::string& composition,
                            const std::string& scenario, const std::string& filler,
                            const std::vector<JointSubset>& subsets) const;

 private:
  // A grouping with numbers for names.
  struct Split {
    std::string name;
    bool mean;
    std::vector<std::string> names;  // distinct, sorted
    std::vector<int> group_of_pose;  // (N)
  };

  torch::Tensor joints_;  // (N, 17, 3) mm, root-centred
  std::vector<Split> splits_;
};

/// All 17 joints.
JointSubset AllJoints();

/// Scores every composition, and every occlusion scenario with O_3D and O_2D when `fillers` and with the
/// completion network ("mask") when `completion` is given. keypoints: (N, 17, 2) normalised, on the lifters'
/// device. of_lifting: the same poses with more splits, for the compositions but the flat pose; null =
/// `truth`.
std::vector<Result> EvaluateRun(PoseLifters& lifters, Fillers* fillers, Completion* completion,
                                const torch::Tensor& keypoints, const GroundTruth& truth, double mm_per_unit,
                                const GroundTruth* of_lifting = nullptr);

}  // namespace links
