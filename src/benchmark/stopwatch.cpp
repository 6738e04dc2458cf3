#include "links/benchmark/stopwatch.h"

#include <torch/cuda.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace links {
namespace {

// Milliseconds of `runs` runs.
double TimeOf(const std::function<void()>& work, int64_t runs, torch::Device device) {
  const auto start = std::chrono::steady_clock::now();
  for (int64_t run = 0; run < runs; ++run) work();
  Synchronise(device);
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

Timing Measure(const std::function<void()>& work, torch::Device device, const StopwatchOptions& options) {
  // On a GPU the first runs are recorded for later ones (GraphedStep).
  constexpr int64_t kWarmUp = 6;
  TimeOf(work, device.is_cuda() ? kWarmUp : 1, device);
  const double once = TimeOf(work, 1, device);
  const double share = 1e3 * options.seconds / static_cast<double>(options.repeats);
  Timing timing;
  timing.runs = std::max<int64_t>(1, static_cast<int64_t>(share / once));
  std::vector<double> times;
  for (int64_t repeat = 0; repeat < options.repeats; ++repeat)
    times.push_back(TimeOf(work, timing.runs, device) / static_cast<double>(timing.runs));
  std::ranges::sort(times);
  timing.median_ms = times[times.size() / 2];
  timing.spread = (times.back() - times.front()) / timing.median_ms;
  return timing;
}

void Synchronise(torch::Device device) {
  if (device.is_cuda()) torch::cuda::synchronize(device.index());
}

}  // namespace links
