#include <benchmark/benchmark.h>

#include "links/metrics/pose_error.h"
#include "random_pairs.h"

namespace links {
namespace {

using bench::RandomPairs;

constexpr int kPoses = 1024;  // a kernel of one pose goes round these

void GoRound(benchmark::State& state, auto kernel) {
  std::mt19937 random(1);
  std::vector<Pose> sources, targets;
  for (int i = 0; i < kPoses; ++i) {
    sources.push_back(test::RandomPose(random));
    targets.push_back(sources.back() + test::RandomPose(random, 60));
  }
  size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(kernel(sources[i], targets[i]));
    i = (i + 1) % kPoses;
  }
  state.SetItemsProcessed(state.iterations());
}

void AlignOnePose(benchmark::State& state) {
  GoRound(state, [](const Pose& source, const Pose& target) { return AlignPoseBothWays(source, target); });
}
BENCHMARK(AlignOnePose);

void MeasureOnePose(benchmark::State& state) {
  GoRound(state, [](const Pose& source, const Pose& target) { return MeasurePose(source, target); });
}
BENCHMARK(MeasureOnePose);

// poses, threads
void MeasureManyPoses(benchmark::State& state) {
  const auto pairs = RandomPairs(state.range(0), 1);
  const auto subsets = bench::AllJoints();
  for (auto _ : state)
    benchmark::DoNotOptimize(
        MeasurePoses(pairs.predicted, pairs.truth, subsets, {}, 0, static_cast<int>(state.range(1))));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(MeasureManyPoses)
    ->ArgNames({"poses", "threads"})
    ->ArgsProduct({{10'000, 100'000}, {1, 2}})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace links
