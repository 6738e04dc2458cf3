#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "links/skeleton/skeleton.h"

namespace links {

/// The joints over which errors are averaged: "all", "visible" or "occluded".
struct JointSubset {
  std::string name;
  std::vector<int> joints;
};

/// The value of a metric that has nothing to average: a quiet NaN in memory, null in JSON, empty in CSV.
inline constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();
inline bool IsAbsent(double metric) {
  return std::isnan(metric);
}

/// Means over poses; errors in mm, PCK and AUC in percent. An n_* figure is norm scaled (ElePose, LInKs)
/// unless it says lsq. A joint is correct below 150 mm, strictly. AUC is the mean PCK over the thresholds
/// 0:5:150 (31, MPI-INF-3DHP);
/// *_14 takes only the 14 joints of that data set's official score.
struct Metrics {
  int64_t poses = 0;     ///< poses in the means
  int64_t rejected = 0;  ///< degenerate or non-finite poses, left out of every mean
  double mpjpe = kAbsent;
  double n_mpjpe = kAbsent;
  double n_mpjpe_lsq = kAbsent;  ///< least-squares scale
  double pa_mpjpe = kAbsent;     ///< no reflection
  double pa_mpjpe_reflection = kAbsent;
  double n_pck = kAbsent;
  double n_auc = kAbsent;
  double n_auc_150 = kAbsent;  ///< 150 thresholds from 0 to 150 mm, as in the authors' code
  double n_pck_14 = kAbsent;
  double n_auc_14 = kAbsent;
  double pck_14 = kAbsent;  ///< root centred, unscaled
  double auc_14 = kAbsent;
};

/// Every metric with its name in files.
struct MetricField {
  std::string_view name;
  double Metrics::*value;
};
inline constexpr std::array<MetricField, 12> kMetricFields = {{
    {"mpjpe", &Metrics::mpjpe},
    {"n_mpjpe", &Metrics::n_mpjpe},
    {"n_mpjpe_lsq", &Metrics::n_mpjpe_lsq},
    {"pa_mpjpe", &Metrics::pa_mpjpe},
    {"pa_mpjpe_reflection", &Metrics::pa_mpjpe_reflection},
    {"n_pck", &Metrics::n_pck},
    {"n_auc", &Metrics::n_auc},
    {"n_auc_150", &Metrics::n_auc_150},
    {"n_pck_14", &Metrics::n_pck_14},
    {"n_auc_14", &Metrics::n_auc_14},
    {"pck_14", &Metrics::pck_14},
    {"auc_14", &Metrics::auc_14},
}};

/// Means over poses of each joint's error, mm, under the alignments of the metric of that name.
struct JointMeans {
  std::array<double, kJoints> n_mpjpe, pa_mpjpe, pa_mpjpe_reflection;
};

/// Every one of them with its name in files.
struct JointMeansField {
  std::string_view name;
  std::array<double, kJoints> JointMeans::*value;
};
inline constexpr std::array<JointMeansField, 3> kJointMeansFields = {
    {{"n_mpjpe", &JointMeans::n_mpjpe},
     {"pa_mpjpe", &JointMeans::pa_mpjpe},
     {"pa_mpjpe_reflection", &JointMeans::pa_mpjpe_reflection}}};

/// The mean of each metric over the groups that have it, each with the same weight; pose counts are summed.
Metrics MeanOf(std::span<const Metrics> groups);

/// Measures every pose and averages over the poses of each group. `predicted`, `truth`: (N, 17, 3) mm, any
/// translation. `group`: (N) numbers in [0, groups), or empty with groups = 0. Alignments take all 17 joints
/// whatever the subset. Gives result[subset][g], with g = groups for all poses together. A group without
/// valid poses, or a *_14 metric of a subset without any of the 14 joints, is absent. The result does not
/// depend on `threads` (0 = all cores). Throws Error when sizes disagree, a group is out of range or a subset
/// is empty or names a joint that is not there.
std::vector<std::vector<Metrics>> MeasurePoses(std::span<const float> predicted, std::span<const float> truth,
                                               const std::vector<JointSubset>& subsets,
                                               std::span<const int> group = {}, int groups = 0,
                                               int threads = 0);

/// A split of the poses: `of_pose` (N) numbers in [0, groups).
struct PoseGroups {
  std::span<const int> of_pose;
  int groups = 0;
};

/// What MeasurePoses gives for each of several splits, [split][subset][group], and the error of each joint
/// over the poses that are not rejected, absent (NaN) without any; from one pass over the poses.
struct Measures {
  std::vector<std::vector<std::vector<Metrics>>> of_splits;
  JointMeans joints;
};

/// Everything as in MeasurePoses; at least one split, which may have no groups.
Measures MeasureSplits(std::span<const float> predicted, std::span<const float> truth,
                       const std::vector<JointSubset>& subsets, const std::vector<PoseGroups>& splits,
                       int threads = 0);

}  // namespace links
