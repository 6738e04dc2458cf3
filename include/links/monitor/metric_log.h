#pragma once

#include <cstdint>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "links/monitor/tensorboard.h"

namespace links {

/// The metrics of a run: JSON lines in <directory>/metrics.jsonl, and the same scalars as TensorBoard events
/// with the tags stage/name in <directory>/tensorboard/.
class MetricLog {
 public:
  /// Appends to what `directory` (made if absent) holds; a last line cut short by a crash is dropped.
  explicit MetricLog(const std::string& directory);

  /// Appends {"stage", "epoch", "step", "time" (UTC, ISO 8601), name: value...} and has both files written
  /// before it returns. A value that is not finite becomes null in JSON. Throws Error on a failing disk or a
  /// repeated name.
  void Write(const std::string& stage, int64_t step, int64_t epoch,
             const std::vector<std::pair<std::string, double>>& values);

  /// For TensorBoard: a picture of poses, the bytes of a PNG, as stage/poses.
  void WritePoses(const std::string& stage, int64_t step, const std::string& png);

  /// For TensorBoard: the configuration as text, and its options as hyperparameters beside the errors of
  /// validation. yaml: as WriteConfig gives it.
  void WriteConfiguration(const std::string& yaml);

  /// Drops the lines for which `keep` is false and a last line cut short, before a resumed run produces them
  /// again. TensorBoard files stay: TensorBoard itself drops a tag's older events when its steps start again.
  /// Throws Error naming a line that is none of ours. Not to be called while a MetricLog of the folder is
  /// open.
  static void Rewind(const std::string& directory,
                     const std::function<bool(const std::string& stage, int64_t epoch)>& keep);

 private:
  std::string path_;
  std::ofstream file_;
  TensorBoardWriter tensorboard_;
};

}  // namespace links
