#pragma once

#include <torch/types.h>

#include <functional>

namespace links {

/// Time of a piece of work over several repeats.
struct Timing {
  double median_ms = 0;
  double spread = 0;  ///< (largest - smallest) / median
  int64_t runs = 0;   ///< runs in a repeat
};

/// How long to measure.
struct StopwatchOptions {
  int64_t repeats = 7;
  double seconds = 2;  ///< for all repeats together
};

/// Measures `work` after a first run that does not count: each repeat runs it as often as fills its share of
/// the time, at least once, and ends when the device is done.
Timing Measure(const std::function<void()>& work, torch::Device device, const StopwatchOptions& options);

/// Waits until the device has done everything asked of it.
void Synchronise(torch::Device device);

}  // namespace links
