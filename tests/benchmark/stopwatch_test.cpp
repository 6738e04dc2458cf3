#include "links/benchmark/stopwatch.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <chrono>
#include <thread>
#include <vector>

namespace links {
namespace {

void Sleep(int64_t ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

TEST(StopwatchTest, EachRepeatFillsItsShareOfTheTime) {
  int64_t calls = 0;
  const Timing timing = Measure([&] { Sleep(2), ++calls; }, torch::kCPU, {.repeats = 3, .seconds = 0.06});
  EXPECT_GT(timing.runs, 1);
  EXPECT_LE(timing.runs, 10);             // 20 ms for each repeat
  EXPECT_EQ(calls, 2 + 3 * timing.runs);  // one that does not count, one that tells how long a run takes
  EXPECT_GE(timing.median_ms, 2);
}

TEST(StopwatchTest, ConstantWorkSpreadsLittle) {
  const Timing timing = Measure([] { Sleep(5); }, torch::kCPU, {.repeats = 5, .seconds = 0.1});
  EXPECT_GE(timing.median_ms, 5);
  EXPECT_GT(timing.spread, 0);
  EXPECT_LT(timing.spread, 1);
}

TEST(StopwatchTest, MedianAndSpreadOfRepeatsThatDiffer) {
  // Two runs that do not count, then three repeats of one run.
  const std::vector<int64_t> times = {90, 5, 40, 4, 12};
  size_t call = 0;
  const Timing timing =
      Measure([&] { Sleep(times.at(call++)); }, torch::kCPU, {.repeats = 3, .seconds = 0.003});
  EXPECT_EQ(timing.runs, 1);
  EXPECT_EQ(call, times.size());
  EXPECT_GE(timing.median_ms, 12);
  EXPECT_LT(timing.median_ms, 40);
  EXPECT_GT(timing.spread * timing.median_ms, 10);  // largest - smallest, ms
}

}  // namespace
}  // namespace links
