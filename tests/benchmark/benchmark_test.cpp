#include "links/benchmark/benchmark.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <map>
#include <vector>

#include "benchmark/tiny_bench.h"
#include "links/training/stages.h"

namespace links {
namespace {

std::vector<BenchmarkResult> MeasureAll(const RunConfig& config, std::vector<std::string> names,
                                        std::vector<int64_t> poses, const DeviceLimit& limit) {
  const BenchmarkOptions options{std::move(names), std::move(poses), {.repeats = 2, .seconds = 0.02}};
  std::vector<BenchmarkResult> results;
  RunBenchmarks(config, options, limit, torch::kCPU,
                [&](const BenchmarkResult& result) { results.push_back(result); });
  return results;
}

TEST(BenchmarkTest, EveryNameIsReported) {
  RunConfig config = test::TinyBench();
  for (ScheduleOptions* schedule : {&config.flows.schedule, &config.lifters.schedule,
                                    &config.occlusion.schedule, &config.completion.schedule})
    schedule->batch = 16;
  const DeviceLimit limit{.gflop_per_s = 20, .gbyte_per_s = 30};
  const std::vector<BenchmarkResult> results = MeasureAll(config, BenchmarkNames(), {1000}, limit);

  std::vector<std::string> names;
  Networks networks(config, torch::kCPU);
  std::map<std::string, Cost> costs = {
      {"lift_1", LiftingCost(1, networks)}, {"lift_65536", LiftingCost(65536, networks)}, {"evaluation", {}}};
  for (const char* stage : {"full_flow", "segment_flows", "lifters", "occlusion", "completion"})
    costs[stage] = StageNamed(stage).cost(config, networks);
  costs["five_flows"] = {costs["full_flow"].gflop + costs["segment_flows"].gflop,
                         costs["full_flow"].gbyte + costs["segment_flows"].gbyte};
  const std::map<std::string, int64_t> at_once = {
      {"evaluation", 1000}, {"lift_1", 1}, {"lift_65536", 65536}};  // others: a batch
  for (const BenchmarkResult& result : results) {
    SCOPED_TRACE(result.name);
    names.push_back(result.name);
    const bool lifting = result.name.starts_with("lift_");
    EXPECT_EQ(result.poses, lifting ? at_once.at(result.name) : 1000);
    EXPECT_GE(result.timing.runs, 1);
    ASSERT_GT(result.timing.median_ms, 0);
    EXPECT_GE(result.timing.spread, 0);
    const auto real_poses = static_cast<double>(at_once.contains(result.name) ? at_once.at(result.name) : 16);
    EXPECT_DOUBLE_EQ(result.poses_per_s, 1e3 * real_poses / result.timing.median_ms);
    EXPECT_DOUBLE_EQ(result.cost.gflop, costs.at(result.name).gflop);
    EXPECT_DOUBLE_EQ(result.cost.gbyte, costs.at(result.name).gbyte);
    EXPECT_DOUBLE_EQ(result.share_of_limit, 1e3 * std::max(result.cost.gflop / 20, result.cost.gbyte / 30) /
                                                result.timing.median_ms);
    EXPECT_GT(result.peak_memory_mb, 0);
  }
  EXPECT_EQ(names, BenchmarkNames());
}

TEST(BenchmarkTest, EverySizeOfTheDataSet) {
  const std::vector<BenchmarkResult> results =
      MeasureAll(test::TinyBench(), {"evaluation", "lift_1"}, {1000, 12345}, {1, 1});
  ASSERT_EQ(results.size(), 4);
  EXPECT_EQ(results[0].poses, 1000);
  EXPECT_EQ(results[2].poses, 12345);
  EXPECT_EQ(results[3].name, "lift_1");
}

}  // namespace
}  // namespace links
