#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "links/metrics/accumulator.h"

namespace links {

/// What one row of an evaluation is about.
struct ResultKey {
  std::string composition;        ///< legs_torso, left_core, right_core, mean, full, flat or predictions
  std::string scenario = "none";  ///< none, or what is hidden
  std::string filler = "none";    ///< none, o3d, o2d, ...
  std::string joints = "all";     ///< all, visible or occluded
  bool operator==(const ResultKey&) const = default;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes what is compared with zero for a pointer
  auto operator<=>(const ResultKey&) const = default;
};

/// The figures of some of the poses.
struct GroupResult {
  ResultKey key;
  std::string grouping, group;  ///< as Result has them
  Metrics metrics;
};

/// What `links evaluate --output` wrote.
struct EvaluationFile {
  struct Run {
    std::string name;
    int64_t seed = 0;
    std::string key;  ///< shared by runs that differ in nothing but the seed and where they ran
  };

  std::string path;
  std::string protocol;    ///< none, h36m, mpi-inf-3dhp or cmu
  std::optional<Run> run;  ///< nothing for predictions of unknown origin
  int64_t poses = 0;
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::pair<ResultKey, Metrics>> results;          ///< over all poses
  std::vector<std::pair<ResultKey, JointMeans>> joint_errors;  ///< of each joint over all poses, where given
  std::vector<GroupResult> groups;                             ///< per action, subject, azimuth, ...

  /// The setting of this name, or `otherwise`.
  std::string Setting(const std::string& name, const std::string& otherwise = "") const;
  const Metrics* Find(const ResultKey& key) const;
  const JointMeans* FindJoints(const ResultKey& key) const;
  /// What the poses are split by, in order of appearance.
  std::vector<std::string> Groupings() const;
};

/// Reads `run_or_file`: a run directory that holds evaluation.json, or such a file. Throws Error naming the
/// file and the key.
EvaluationFile ReadEvaluation(const std::string& run_or_file);

}  // namespace links
