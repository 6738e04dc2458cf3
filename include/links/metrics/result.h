#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "links/metrics/accumulator.h"

namespace links {

/// Groupings that tell what errors go with: the direction that a body faces, "000..030" degrees and so on (0
/// = to the camera, 90 = to the right of the image), and tenths of the poses by the full-pose flow's negative
/// log-likelihood of their keypoints, "01: LEAST..MOST" nats and so on.
inline constexpr const char *kByAzimuth = "azimuth", *kByLikelihood = "likelihood";

/// The metrics of one way of lifting, over some poses and some joints.
struct Result {
  std::string composition;  ///< legs_torso, left_core, right_core, mean, full, flat or predictions
  std::string scenario;     ///< none, or what is hidden: left_arm ... full_torso
  std::string filler;       ///< none, o3d or o2d
  std::string joints;       ///< all, visible or occluded
  std::string grouping;  ///< all, or what the poses are split by: action, sequence, activity, scene, subject,
                         ///< and for lifting without occlusion azimuth and likelihood
  std::string group;     ///< all, a group's name, or "mean" over the groups, each with the same weight
  Metrics metrics;
  std::optional<JointMeans> per_joint = {};  ///< where all joints of all poses are meant
};

/// Which run an evaluation is of. Runs with one key differ in nothing but the seed.
struct RunIdentity {
  std::string name;
  int64_t seed = 0;
  std::string key;
};

/// Everything an evaluation has to say.
struct Report {
  using Notes = std::vector<std::pair<std::string, std::string>>;

  std::string protocol = "none";
  std::optional<RunIdentity> run;  ///< absent for predictions from elsewhere
  int64_t poses = 0;               ///< poses in the data, rejected ones included
  Notes settings;  ///< what the figures depend on: normalisation constant and its origin, data, ...
  std::vector<Result> results;
  Notes software;  ///< versions
};

/// {"format": "links-evaluation", "version": 1, "protocol", "run": {"name", "seed", "key"} or null, "poses",
/// "settings": {}, "software": {}, "results": [{"composition", "scenario", "filler", "joints", "grouping",
/// "group", "poses", "rejected", then every metric of kMetricFields, and of all joints of all
/// poses "per_joint": {"n_mpjpe", "pa_mpjpe", "pa_mpjpe_reflection"}, 17 numbers each}]}. Absent metrics are
/// null.
std::string ReportJson(const Report& report);

/// A header line and a line a result, with the columns of a JSON result. Absent metrics are empty; text is
/// quoted as in RFC 4180 where it must be.
std::string ReportCsv(const Report& report);

/// Aligned plain text for people: the compositions, then per group, then the occlusion scenarios, then what
/// each column means. Absent metrics are dashes.
std::string ReportTable(const Report& report);

}  // namespace links
