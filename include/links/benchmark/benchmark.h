#pragma once

#include <torch/types.h>

#include <functional>
#include <string>
#include <vector>

#include "links/benchmark/stopwatch.h"
#include "links/run/run_config.h"
#include "links/training/step_cost.h"

namespace links {

/// Runs, of a step or of all the poses, in a timeline.
constexpr int kTracedRuns = 5;

/// What `links bench` can measure: the training stages, the evaluation, lifting of one pose and in batches.
const std::vector<std::string>& BenchmarkNames();

/// The peak rates of the device, measured in the same run.
struct DeviceLimit {
  double gflop_per_s = 0;  ///< the fastest of several square matrix products
  double gbyte_per_s = 0;  ///< copying one tensor to another, read and written bytes
};

/// One line of the table.
struct BenchmarkResult {
  std::string name;
  int64_t poses = 0;       ///< in the data set, or lifted or evaluated at a time
  Timing timing;           ///< of a step or of all the poses
  double poses_per_s = 0;  ///< real poses, of all runs
  Cost cost;               ///< 0 where it is not computed
  double share_of_limit =
      0;  ///< the larger of cost.gflop / gflop_per_s and cost.gbyte / gbyte_per_s, over the time
  double peak_memory_mb = 0;  ///< of the process so far, or of the GPU
};

struct BenchmarkOptions {
  std::vector<std::string> names;         ///< of BenchmarkNames()
  std::vector<int64_t> poses = {100000};  ///< sizes of the data set
  StopwatchOptions stopwatch = {};
  int64_t runs = 1;        ///< trained side by side
  std::string trace = {};  ///< where a timeline of the last measured goes, kTracedRuns runs; "" = nowhere
};

/// bfloat16: products as `precision: bf16` makes them; otherwise in float32, or TF32 where SetPrecision says
/// so.
DeviceLimit MeasureLimit(torch::Device device, bool bfloat16);

/// Measures with freshly initialised networks of the configuration's sizes on synthetic poses; `report` is
/// called with each result as it comes. limit: of MeasureLimit; of 0, no shares of it are told.
void RunBenchmarks(const RunConfig& config, const BenchmarkOptions& options, const DeviceLimit& limit,
                   torch::Device device, const std::function<void(const BenchmarkResult&)>& report);

}  // namespace links
