#include "links/benchmark/benchmark.h"

#include <sys/resource.h>
#include <torch/types.h>
#include <torch/utils.h>
#ifdef LINKS_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#endif

#include <algorithm>
#include <memory>
#include <optional>

#include "../network/cpu/bfloat16_units.h"
#include "bench_poses.h"
#include "links/evaluation/evaluation.h"
#include "links/training/stages.h"
#include "links/training/train_step.h"
#include "trace.h"

namespace links {
namespace {

double PeakMemoryMb(torch::Device device) {
#ifdef LINKS_CUDA
  if (device.is_cuda()) {
    const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(device.index());
    return static_cast<double>(stats.allocated_bytes[0].peak) / (1 << 20);
  }
#else
  static_cast<void>(device);
#endif
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// A stage that is trained without end.
class EndlessTraining {
 public:
  EndlessTraining(const Stage& stage, const StageData& data)
      : step_(stage, data.poses, data.device, data.config().cuda_graph) {
    for (const RunConfig& config : data.configs) seeds_.push_back(static_cast<uint64_t>(config.seed));
    step_.SetLearningRate(stage.schedule.StepLearningRate());
  }

  void Step() {
    if (done_ % step_.batcher().steps_per_epoch() == 0) step_.StartEpoch(seeds_, 0, seeds_);
    step_.Run();
    ++done_;
  }

 private:
  TrainStep step_;
  std::vector<uint64_t> seeds_;
  int64_t done_ = 0;
};

// So many runs that differ in their seeds.
std::vector<RunConfig> Seeds(const RunConfig& config, int64_t runs) {
  std::vector<RunConfig> configs(static_cast<size_t>(runs), config);
  for (int64_t run = 0; run < runs; ++run) configs[static_cast<size_t>(run)].seed += run;
  return configs;
}

/// Data and networks of one size, and the work that each name stands for.
class Bench {
 public:
  // runs: side by side in training; lifting and evaluation are those of the first.
  Bench(const RunConfig& config, int64_t poses, int64_t runs, torch::Device device)
      : device_(device),
        poses_(MakeBenchPoses(poses)),
        networks_(config, device),
        normalisation_(Normalisation::Of(poses_)),
        data_{Seeds(config, runs), normalisation_, normalisation_.Keypoints(poses_).to(device), device} {
    if (runs == 1) return;
    for (const RunConfig& own : data_.configs) of_runs_.emplace_back(own, device);
    trained_ = Networks::Ensemble(config, device, of_runs_);
  }

  BenchmarkResult Run(const std::string& name, const BenchmarkOptions& options);

 private:
  // A step of each stage; they train while they are measured.
  Timing MeasureSteps(const std::vector<Stage>& stages, const BenchmarkOptions& options);
  Timing MeasureLifting(int64_t poses, const BenchmarkOptions& options);
  Timing MeasureEvaluation(const BenchmarkOptions& options);
  Timing MeasureWork(const std::function<void()>& work, const BenchmarkOptions& options);

  torch::Device device_;
  PoseData poses_;
  Networks networks_;
  Normalisation normalisation_;
  StageData data_;
  std::vector<Networks> of_runs_;  // of several runs
  std::optional<Networks> trained_;
};

Timing Bench::MeasureWork(const std::function<void()>& work, const BenchmarkOptions& options) {
  const Timing timing = Measure(work, device_, options.stopwatch);
  if (!options.trace.empty()) WriteTrace(options.trace, device_, kTracedRuns, work);
  return timing;
}

Timing Bench::MeasureSteps(const std::vector<Stage>& stages, const BenchmarkOptions& options) {
  std::vector<std::unique_ptr<EndlessTraining>> training;
  for (const Stage& stage : stages) training.push_back(std::make_unique<EndlessTraining>(stage, data_));
  const auto step = [&] {
    for (const auto& stage : training) stage->Step();
  };
  return MeasureWork(step, options);
}

Timing Bench::MeasureLifting(int64_t poses, const BenchmarkOptions& options) {
  const torch::Tensor keypoints =
      data_.poses.repeat({poses / data_.poses.size(0) + 1, 1, 1}).narrow(0, 0, poses).contiguous();
  return MeasureWork([&] { LiftPoses(networks_.lifters, LegsTorso(), keypoints); }, options);
}

Timing Bench::MeasureEvaluation(const BenchmarkOptions& options) {
  const GroundTruth truth(poses_);
  const auto evaluate = [&] {
    EvaluateRun(networks_.lifters, nullptr, nullptr, data_.poses, truth, normalisation_.mm_per_unit);
  };
  return MeasureWork(evaluate, options);
}

BenchmarkResult Bench::Run(const std::string& name, const BenchmarkOptions& options) {
#ifdef LINKS_CUDA
  if (device_.is_cuda()) c10::cuda::CUDACachingAllocator::resetPeakStats(device_.index());
#endif
  BenchmarkResult result;
  result.name = name;
  result.poses = data_.poses.size(0);
  int64_t at_once = 0;
  if (name.starts_with("lift_")) {
    result.poses = at_once = std::stoll(name.substr(5));
    result.timing = MeasureLifting(at_once, options);
    result.cost = LiftingCost(at_once, networks_);
  } else if (name == "evaluation") {
    at_once = result.poses;
    result.timing = MeasureEvaluation(options);
  } else {
    const std::vector<std::string> parts =
        name == "five_flows" ? std::vector<std::string>{"full_flow", "segment_flows"} : std::vector{name};
    std::vector<Stage> stages;
    for (const std::string& part : parts) {
      const StageKind& kind = StageNamed(part);
      stages.push_back(MakeStage(kind, data_, trained_ ? *trained_ : networks_, of_runs_, poses_, {}));
      const Cost cost = kind.cost(data_.config(), networks_);
      const auto runs = static_cast<double>(data_.configs.size());
      result.cost = {result.cost.gflop + runs * cost.gflop, result.cost.gbyte + runs * cost.gbyte};
    }
    at_once = stages.front().schedule.StepPoses() * stages.front().runs();
    result.timing = MeasureSteps(stages, options);
  }
  result.poses_per_s = 1e3 * static_cast<double>(at_once) / result.timing.median_ms;
  result.peak_memory_mb = PeakMemoryMb(device_);
  return result;
}

}  // namespace

const std::vector<std::string>& BenchmarkNames() {
  static const std::vector<std::string> names = {"full_flow",  "segment_flows", "five_flows",
                                                 "lifters",    "occlusion",     "completion",
                                                 "evaluation", "lift_1",        "lift_65536"};
  return names;
}

DeviceLimit MeasureLimit(torch::Device device, bool bfloat16) {
  const torch::NoGradGuard no_grad;
  const Bfloat16Units units(bfloat16);  // on a CPU; a GPU has the type
  const auto type =
      torch::dtype(bfloat16 && device.is_cuda() ? torch::kBFloat16 : torch::kFloat32).device(device);
  const StopwatchOptions options{3, 0.6};
  DeviceLimit limit;
  const std::vector<int64_t> sizes =
      device.is_cuda() ? std::vector<int64_t>{4096, 8192} : std::vector<int64_t>{1024, 2048, 4096};
  for (const int64_t size : sizes) {
    const torch::Tensor a = torch::randn({size, size}, type), b = torch::randn({size, size}, type);
    torch::Tensor c = torch::empty_like(a);
    const double ms = Measure([&] { torch::mm_out(c, a, b); }, device, options).median_ms;
    limit.gflop_per_s = std::max(limit.gflop_per_s, 2e-6 * static_cast<double>(size * size * size) / ms);
  }
  const torch::Tensor from = torch::zeros({1 << 26}, device);
  torch::Tensor to = torch::zeros_like(from);
  const double ms = Measure([&] { to.copy_(from); }, device, options).median_ms;
  limit.gbyte_per_s = 1e-6 * 2 * 4 * static_cast<double>(from.numel()) / ms;
  return limit;
}

void RunBenchmarks(const RunConfig& config, const BenchmarkOptions& options, const DeviceLimit& limit,
                   torch::Device device, const std::function<void(const BenchmarkResult&)>& report) {
  for (const int64_t poses : options.poses) {
    Bench bench(config, poses, options.runs, device);
    for (const std::string& name : options.names) {
      BenchmarkResult result = bench.Run(name, options);
      if (limit.gflop_per_s > 0 && limit.gbyte_per_s > 0) {
        const double least_s =
            std::max(result.cost.gflop / limit.gflop_per_s, result.cost.gbyte / limit.gbyte_per_s);
        result.share_of_limit = 1e3 * least_s / result.timing.median_ms;
      }
      report(result);
    }
  }
}

}  // namespace links
