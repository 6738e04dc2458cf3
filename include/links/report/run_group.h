#pragma once

#include <string>
#include <vector>

#include "links/report/evaluation_file.h"

namespace links {

/// A metric over the seeds of a group.
struct Statistic {
  double mean = kAbsent;
  double deviation = kAbsent;  ///< of the sample (n − 1); absent with one seed
};

/// Absent where a value is absent or there is none.
Statistic StatisticOf(const std::vector<double>& values);

/// Evaluations of runs that differ only in the seed, on the same poses: one row of a table.
struct RunGroup {
  std::vector<EvaluationFile> evaluations;  ///< at least one, ascending seeds, with the same results

  const EvaluationFile& first() const { return evaluations.front(); }
  /// What the run calls itself; without a name, its folder or file.
  std::string Name() const;
  /// Ascending; none for predictions of unknown origin.
  std::vector<int64_t> Seeds() const;
  /// Absent unless every seed has the metric.
  Statistic Over(const ResultKey& key, double Metrics::*metric) const;
  /// The compositions that were evaluated in this scenario with this filler, in the order of the file.
  std::vector<std::string> Compositions(const std::string& scenario, const std::string& filler) const;
  /// The one of them that a table shows: `wanted`, or with "" the first of legs_torso, left_core, right_core,
  /// full, predictions; "" for none.
  std::string Choose(const std::string& scenario, const std::string& filler, const std::string& wanted) const;
};

/// Groups by the runs' key, protocol and number of poses, in order of appearance. Throws Error when a seed
/// appears twice in a group, or when its evaluations do not hold the same results.
std::vector<RunGroup> GroupRuns(std::vector<EvaluationFile> evaluations);

}  // namespace links
