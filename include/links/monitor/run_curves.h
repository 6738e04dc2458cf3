#pragma once

#include <string>
#include <vector>

#include "links/monitor/metric_history.h"

namespace links {

/// Runs whose curves are one: the seeds of a configuration.
struct CurveGroup {
  std::string name;
  std::vector<std::vector<MetricLine>> runs;
};

/// A metric of a group over training: mean over the runs at each place where all of them have it, and the
/// sample's deviation (n - 1) where there are several.
struct GroupCurve {
  std::string name;
  std::vector<double> x, y, deviation;
};
GroupCurve CurveOf(const CurveGroup& group, const std::string& stage, const std::string& metric,
                   HistoryAxis axis);

/// What a figure shows of a run's training.
struct CurveSet {
  std::string title, y_label;
  std::string stage;
  std::vector<std::pair<std::string, std::string>> metrics;  ///< name in the log, name in the legend
};

/// Losses, held-out likelihoods and errors, as far as the lines have them.
std::vector<CurveSet> CurveSetsOf(const std::vector<MetricLine>& lines);

}  // namespace links
