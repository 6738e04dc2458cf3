#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "gpu/on_a_gpu.h"
#include "links/device/host_copy.h"
#include "links/evaluation/evaluation.h"
#include "links/training/train_run.h"
#include "support/prepared_stage.h"
#include "support/stored_tensors.h"
#include "support/with_options.h"

// Whole runs on a GPU.

namespace links {
namespace {

using namespace test;

class RunOnAGpu : public OnAGpu {
 protected:
  RunOnAGpu() {
    WritePoseFile(folder_ / "poses.h5", poses_);
    config_.data.training = config_.data.validation = {folder_ / "poses.h5"};
    config_.data.validation_poses = 10;
  }

  std::vector<PlannedRun> Prepared(const std::string& kind, const std::vector<RunConfig>& configs) const {
    std::vector<PlannedRun> runs;
    for (const RunConfig& config : configs) {
      runs.push_back({config, RunDirectory(folder_ / (kind + std::to_string(config.seed)))});
      runs.back().directory.Prepare(config, /*resume=*/true, gpu_.str());
    }
    return runs;
  }

  std::vector<Result> Evaluate(TrainedRun& run, torch::Device device) const {
    return EvaluateRun(run.networks.lifters, &run.networks.fillers, &run.networks.completion,
                       run.normalisation.Keypoints(poses_).to(device), GroundTruth(poses_),
                       run.normalisation.mm_per_unit);
  }

  // Weights, as good as equal: on average within a hundredth of what a step can move them.
  void ExpectSameWeights(const std::string& a, const std::string& b) const {
    const auto in_a = StoredTensors(a), in_b = StoredTensors(b);
    ASSERT_EQ(in_a.size(), in_b.size());
    for (const auto& [name, tensor] : in_a) {
      if (!name.starts_with("networks.") || !tensor.is_floating_point()) continue;
      EXPECT_LT((tensor - in_b.at(name)).abs().mean().item<double>(), 1e-5) << a << ' ' << name;
    }
  }

  PoseData poses_ = Synthesize({.poses = 200, .seed = 4});
  RunConfig config_ = With(TinyConfig(), {"precision=float32"});
};

TEST_F(RunOnAGpu, TrainsEveryStageAndIsEvaluatedAsOnTheCpu) {
  for (const Placement placement : {Placement::kDevice, Placement::kHost}) {
    config_.data.placement = placement;
    config_.seed = static_cast<int64_t>(placement) + 1;
    std::vector<PlannedRun> runs = Prepared("run", {config_});
    ASSERT_EQ(TrainRun(config_, runs[0].directory, {"all"}, gpu_), StageResult::kFinished);
    TrainedRun there = LoadRun(runs[0].directory, gpu_), here = LoadRun(runs[0].directory, torch::kCPU);
    EXPECT_TRUE(there.has_completion && there.has_fillers && there.has_flows);
    const std::vector<Result> found = Evaluate(there, gpu_), expected = Evaluate(here, torch::kCPU);
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].composition, expected[i].composition);
      EXPECT_NEAR(found[i].metrics.pa_mpjpe, expected[i].metrics.pa_mpjpe, 0.05) << found[i].composition;
    }
  }
}

TEST_F(RunOnAGpu, RunsSideBySideEndAsEachDoesAlone) {
  const std::vector<RunConfig> configs = {config_, With(config_, {"seed=2", "lifters.loss.bone=20"}),
                                          With(config_, {"seed=7"})};
  std::vector<PlannedRun> together = Prepared("together", configs);
  FinishedFlows flows;
  ASSERT_EQ(TrainEnsemble(together, {"all"}, gpu_, flows), StageResult::kFinished);
  for (const PlannedRun& run : together) EXPECT_EQ(run.failure, "");
  const std::vector<PlannedRun> alone = Prepared("alone", configs);
  for (size_t run = 0; run < configs.size(); ++run) {
    ASSERT_EQ(TrainRun(configs[run], alone[run].directory, {"all"}, gpu_), StageResult::kFinished);
    for (const std::string& stage : StageNames()) {
      ExpectSameWeights(together[run].directory.CheckpointPath(stage),
                        alone[run].directory.CheckpointPath(stage));
    }
  }
}

TEST_F(RunOnAGpu, StoppedWithinAnEpochItEndsAsIfItHadNotBeen) {
  const auto train = [&](const std::string& name, int stop_in) {
    CatchStopSignals();
    PreparedStage prepared("lifters", {config_}, gpu_);
    Stage stage = prepared.stage;
    // Called in the steps before the capture.
    stage.loss = [own = stage.loss, stop_in, call = 0](const torch::Tensor& batch,
                                                       const RandomStreams& streams) mutable {
      if (++call == stop_in) std::raise(SIGINT);
      return own(batch, streams);
    };
    const RunDirectory directory(folder_ / name);
    std::filesystem::create_directories(directory.path() + "/checkpoints");
    MetricLog log(directory.path());
    RunContext context{prepared.data, {{directory, log}}};
    const StageResult result = TrainStage(stage, context);
    return std::pair(result, directory.CheckpointPath(stage.name));
  };
  const auto [whole, expected] = train("whole", 0);
  EXPECT_EQ(whole, StageResult::kFinished);
  EXPECT_EQ(train("stopped", 2).first, StageResult::kInterrupted);
  const auto [resumed, found] = train("stopped", 0);
  EXPECT_EQ(resumed, StageResult::kFinished);
  ExpectSameWeights(found, expected);
}

TEST_F(RunOnAGpu, ACopyForTheHostIsOfTheMomentItWasAskedFor) {
  torch::Tensor tensor = torch::ones({1 << 22}, gpu_);
  const torch::Tensor on_host = torch::full({3}, 5.);
  HostCopy copy({tensor, on_host});
  for (int i = 0; i < 100; ++i) tensor.add_(1);
  std::vector<torch::Tensor> got;
  std::thread([&] { got = copy.Get(); }).join();
  ASSERT_EQ(got.size(), 2u);
  EXPECT_TRUE(got[0].is_cpu());
  EXPECT_TRUE(got[0].equal(torch::ones({1 << 22})));
  EXPECT_TRUE(got[1].equal(on_host));
  EXPECT_EQ(tensor[0].item<float>(), 101);
}

}  // namespace
}  // namespace links
