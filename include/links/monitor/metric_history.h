#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace links {

/// A line of a run's metrics.jsonl.
struct MetricLine {
  std::string stage;
  int64_t epoch = 0, step = 0;
  double seconds = 0;                                  ///< since 1970, from its time
  std::vector<std::pair<std::string, double>> values;  ///< NaN where the file has null

  /// NaN where there is none of this name.
  double Value(const std::string& name) const;
};

/// The lines of `directory`/metrics.jsonl in order; a last line cut short, as a run in training may have, is
/// left out. Throws Error where there is no such file, and naming a line that is none of ours.
std::vector<MetricLine> ReadMetrics(const std::string& directory);

/// Curves over an epoch's end: x and y of the lines that have the value.
struct History {
  std::vector<double> x, y;
};

/// What the x axis counts: steps of the stage, its epochs, or minutes since the first line of the stage.
enum class HistoryAxis { kSteps, kEpochs, kMinutes };

/// The values of a metric "stage/name" over the stage. Values that are not finite are left out.
History HistoryOf(const std::vector<MetricLine>& lines, const std::string& stage, const std::string& name,
                  HistoryAxis axis);

}  // namespace links
