#include "links/training/stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <chrono>
#include <filesystem>
#include <limits>
#include <list>
#include <stdexcept>
#include <thread>

#include "links/core/atomic_file.h"
#include "links/core/log.h"
#include "links/network/stacked_linear.h"
#include "links/run/checkpoint.h"
#include "support/stored_tensors.h"
#include "support/tiny_networks.h"
#include "support/tiny_run.h"

namespace links {
namespace {

using namespace test;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A stage of 2 epochs of 3 steps: a linear layer that learns to undo noise.
class StageTest : public TinyRunTest {
 protected:
  // Called with the number of each step of a call of Train, from 1; its result is a factor on the loss.
  using AtStep = std::function<double(int)>;

  StageResult Train(
      const std::string& name, const AtStep& at_step = [](int) { return 1; }) {
    CatchStopSignals();
    const RunDirectory directory(folder_ / name);
    std::filesystem::create_directories(directory.path() + "/checkpoints");
    MetricLog log(directory.path());
    RunContext run{{{config_}, {800, 600}, poses_}, {{directory, log}}};
    torch::manual_seed(1);
    network_ = StackedLinear(AllFeatures(1, 34), AllFeatures(1, 34));
    Freeze(*network_);
    Stage stage{"sample", {{"network", network_.ptr()}}, schedule_, {}, {}};
    stage.loss = [&, step = 0](const torch::Tensor& batch, const RandomStreams& streams) mutable {
      const torch::Tensor x = batch.flatten(1).unsqueeze(0);
      const torch::Tensor error =
          (network_(x + 0.1 * streams.Normal(x, 1)) - x).square().sum(2).mean() * at_step(++step);
      losses_.push_back(error.item<double>());
      return StepLoss{error, {{"fit", error.detach()}}};
    };
    stage.validate = [&](size_t) { return NamedValues{{"weight", network_->weight.sum().item<double>()}}; };
    return TrainStage(stage, run);
  }

  std::string Checkpoint(const std::string& name) const {
    return folder_ / (name + "/checkpoints/sample.safetensors");
  }
  StagePosition Position(const std::string& name) const {
    return ReadCheckpointHeader(Checkpoint(name)).position;
  }

  void ExpectSameRun(const std::string& a, const std::string& b) const {
    EXPECT_TRUE(SameTensors(Checkpoint(a), Checkpoint(b)));
    EXPECT_EQ(MetricLines(folder_ / a), MetricLines(folder_ / b));
  }

  RunConfig config_ = TinyConfig();
  ScheduleOptions schedule_ = config_.flows.schedule;
  torch::Tensor poses_ = RandomKeypoints(50);
  StackedLinear network_{nullptr};
  std::vector<double> losses_;
};

TEST_F(StageTest, TrainsToItsEndAndLeavesTheNetworkFrozen) {
  EXPECT_EQ(Train("run"), StageResult::kFinished);
  EXPECT_EQ(losses_.size(), 6u);
  EXPECT_TRUE(Position("run").finished);
  EXPECT_EQ(Position("run").epoch, 2);
  for (const torch::Tensor& parameter : network_->parameters()) {
    EXPECT_FALSE(parameter.requires_grad());
    EXPECT_FALSE(parameter.grad().defined());
  }
}

TEST_F(StageTest, LogsTheMeansOfAnEpochItsValidationAndTheLearningRate) {
  schedule_.warmup_steps = 12;
  schedule_.decay = 0.5;
  Train("run");
  const std::vector<std::string> lines = MetricLines(folder_ / "run");
  ASSERT_EQ(lines.size(), 2u);
  for (int epoch = 0; epoch < 2; ++epoch) {
    const json line = json::parse(lines[epoch]);
    EXPECT_EQ(line.at("stage"), "sample");
    EXPECT_EQ(line.at("epoch"), epoch + 1);
    EXPECT_EQ(line.at("step"), 3 * (epoch + 1));
    const double mean = (losses_[3 * epoch] + losses_[3 * epoch + 1] + losses_[3 * epoch + 2]) / 3;
    EXPECT_NEAR(line.at("fit").get<double>(), mean, 1e-9);
    EXPECT_NEAR(line.at("total").get<double>(), mean, 1e-9);
    // Of the last step: step 3 or 6 of 12 of the warm-up.
    EXPECT_NEAR(line.at("learning_rate").get<double>(), epoch == 0 ? 1e-3 * 3 / 12 : 1e-3 * 0.5 * 6 / 12,
                1e-9);
  }
  EXPECT_EQ(json::parse(lines[1]).at("weight"), network_->weight.sum().item<double>());
}

TEST_F(StageTest, TheWeightsAverageIsWhatIsValidatedAndKept) {
  std::vector<torch::Tensor> weights;  // before each step, then the last ones
  const auto keep = [&](int) { return weights.push_back(network_->weight.detach().clone()), 1; };
  Train("last", keep);
  weights.push_back(network_->weight.clone());
  schedule_.weight_average = 0.3;
  Train("average", [&](int step) {
    EXPECT_TRUE(network_->weight.equal(weights[step - 1])) << "the average changes no step";
    return 1;
  });
  torch::Tensor average = weights[0].to(torch::kFloat64);
  const std::vector<std::string> lines = MetricLines(folder_ / "average");
  ASSERT_EQ(lines.size(), 2u);
  for (int step = 1; step <= 6; ++step) {
    const double decay = std::min(0.3, (1. + step) / (10 + step));
    average = decay * average + (1 - decay) * weights[step];
    if (step % 3 != 0) continue;
    EXPECT_NEAR(json::parse(lines[step / 3 - 1]).at("weight"), average.sum().item<double>(), 1e-4);
  }
  EXPECT_TRUE(network_->weight.to(torch::kFloat64).allclose(average, 1e-6, 1e-7));
  EXPECT_FALSE(network_->weight.allclose(weights[6], 1e-5, 1e-6));
}

TEST_F(StageTest, AnAverageGoesOnWhereItWasStopped) {
  schedule_.weight_average = 0.9;
  Train("whole");
  for (int stop = 1; stop <= 5; ++stop) {
    const std::string name = "stopped_" + std::to_string(stop);
    const auto raise = [&](int step) { return step == stop ? std::raise(SIGINT), 1 : 1; };
    ASSERT_EQ(Train(name, raise), StageResult::kInterrupted) << stop;
    ASSERT_EQ(Train(name), StageResult::kFinished) << stop;
    ExpectSameRun("whole", name);
  }
}

TEST_F(StageTest, StoppedInAnyStepItEndsAsIfItHadNotBeen) {
  Train("whole");
  for (int stop = 1; stop <= 5; ++stop) {
    const std::string name = "stopped_" + std::to_string(stop);
    const auto raise = [&](int step) {
      return step == stop ? std::raise(stop % 2 ? SIGINT : SIGTERM), 1 : 1;
    };
    ASSERT_EQ(Train(name, raise), StageResult::kInterrupted) << stop;
    EXPECT_EQ(Position(name).epoch, stop / 3);
    EXPECT_EQ(Position(name).step, stop % 3);
    EXPECT_FALSE(Position(name).finished);
    losses_.clear();
    ASSERT_EQ(Train(name), StageResult::kFinished) << stop;
    EXPECT_EQ(losses_.size(), 6u - stop) << "no step is done twice";
    ExpectSameRun("whole", name);
  }
}

TEST_F(StageTest, StoppedInItsLastStepItIsFinished) {
  Train("whole");
  EXPECT_EQ(Train("run", [](int step) { return step == 6 ? std::raise(SIGINT), 1 : 1; }),
            StageResult::kFinished);
  ExpectSameRun("whole", "run");
}

TEST_F(StageTest, KilledInAnyStepItGoesOnFromTheLastEpoch) {
  Train("whole");
  for (int death = 1; death <= 6; ++death) {
    const std::string name = "killed_" + std::to_string(death);
    const auto die = [&](int step) { return step == death ? throw std::runtime_error("killed") : 1; };
    EXPECT_THROW(Train(name, die), std::runtime_error);
    ASSERT_EQ(Train(name), StageResult::kFinished);
    ExpectSameRun("whole", name);
  }
}

TEST_F(StageTest, CheckpointsWithinAnEpochAreMadeFromTimeToTime) {
  Train("whole");
  config_.checkpoint_seconds = 1;
  EXPECT_THROW(Train("run",
                     [](int step) {
                       if (step == 2) std::this_thread::sleep_for(std::chrono::milliseconds(1100));
                       if (step == 3) throw std::runtime_error("killed");
                       return 1;
                     }),
               std::runtime_error);
  EXPECT_EQ(Position("run").step, 2);
  Train("run");
  ExpectSameRun("whole", "run");
}

TEST_F(StageTest, AFinishedStageIsNotTrainedAgain) {
  Train("run");
  const std::string before = ReadFile(Checkpoint("run"));
  losses_.clear();
  EXPECT_EQ(Train("run"), StageResult::kFinished);
  EXPECT_TRUE(losses_.empty());
  EXPECT_EQ(ReadFile(Checkpoint("run")), before);
  EXPECT_TRUE(network_->weight.equal(StoredTensors(Checkpoint("run")).at("networks.network.weight")));
}

TEST_F(StageTest, ALossThatIsNotFiniteStopsItAndKeepsTheLastGoodCheckpoint) {
  Train("whole");
  for (const bool stopped_too : {false, true}) {
    const std::string name = stopped_too ? "stopped" : "run";
    const auto spoil = [&](int step) {
      if (step == 5 && stopped_too) std::raise(SIGINT);
      return step == 5 ? std::numeric_limits<double>::quiet_NaN() : 1;
    };
    EXPECT_THAT(MessageOf([&] { Train(name, spoil); }),
                AllOf(HasSubstr("stage sample, epoch 2, step 2"), HasSubstr("'fit'")));
    EXPECT_EQ(Position(name).epoch, 1);
    EXPECT_EQ(Position(name).step, 0);
    for (const auto& [key, tensor] : StoredTensors(Checkpoint(name))) {
      EXPECT_TRUE(tensor.isfinite().all().item<bool>()) << key;
    }
    EXPECT_EQ(MetricLines(folder_ / name).size(), 1u);
    Train(name);
    ExpectSameRun("whole", name);
  }
}

TEST_F(StageTest, AnExceptionOfLibTorchEndsTheRunItBelongsTo) {
  StackedLinear together(AllFeatures(1, 34).unsqueeze(1).expand({1, 2, 34}),
                         AllFeatures(1, 34).unsqueeze(1).expand({1, 2, 34}));
  std::vector<StackedLinear> own;
  std::vector<RunDirectory> directories;
  std::list<MetricLog> logs;
  Stage stage{"sample", {{"network", together.ptr()}}, schedule_, {}, {}};
  RunContext runs{{{config_, config_}, {800, 600}, poses_}, {}};
  for (const std::string name : {"spoiled", "whole"}) {
    own.emplace_back(AllFeatures(1, 34), AllFeatures(1, 34));
    stage.of_runs.push_back({{"network", own.back().ptr()}});
    directories.emplace_back(folder_ / name);
    std::filesystem::create_directories(directories.back().path() + "/checkpoints");
    logs.emplace_back(directories.back().path());
  }
  for (size_t run = 0; run < 2; ++run)
    runs.records.push_back({directories[run], *std::next(logs.begin(), static_cast<long>(run))});
  for (StackedLinear* network : {&together, own.data(), &own[1]}) Freeze(**network);
  stage.loss = [&](const torch::Tensor& batch, const RandomStreams&) {
    const torch::Tensor x = batch.flatten(2).unsqueeze(0);
    const torch::Tensor error = (together(x) - x).square().sum(3).mean(-1).sum(0);
    return StepLoss{error, {{"fit", error.detach()}}};
  };
  stage.validate = [&](size_t run) -> NamedValues {
    if (run == 0) torch::zeros({2}) + torch::zeros({3});
    return {{"run", static_cast<double>(run)}};
  };
  EXPECT_EQ(TrainStage(stage, runs), StageResult::kFinished);
  EXPECT_THAT(runs.records[0].failure, HasSubstr("must match"));
  EXPECT_THAT(runs.records[0].failure, Not(HasSubstr("Exception raised from")));
  EXPECT_EQ(runs.records[1].failure, "");
  EXPECT_TRUE(Position("whole").finished);
  EXPECT_EQ(MetricLines(folder_ / "whole").size(), 2u);
  EXPECT_FALSE(std::filesystem::exists(Checkpoint("spoiled")));
}

TEST_F(StageTest, AnEpochMayBeShorterThanTheData) {
  const auto said = [&](const std::string& name) {
    const LogFile log(folder_ / (name + ".log"));
    Train(name);
    return ReadFile(folder_ / (name + ".log"));
  };
  schedule_.steps_per_epoch = 2;
  EXPECT_THAT(said("run"), Not(HasSubstr("steps_per_epoch")));
  EXPECT_EQ(losses_.size(), 4u);
  schedule_.steps_per_epoch = 100;
  losses_.clear();
  const std::string log = said("longer"), name = "steps_per_epoch 100";
  EXPECT_EQ(losses_.size(), 6u);
  EXPECT_THAT(log, AllOf(HasSubstr("stage sample"), HasSubstr("poses for 3,")));
  EXPECT_EQ(log.find(name), log.rfind(name)) << "said once";
  EXPECT_THAT(log, HasSubstr(name));
}

TEST_F(StageTest, NeedsABatchOfPoses) {
  poses_ = RandomKeypoints(15);
  EXPECT_THAT(MessageOf([&] { Train("run"); }), AllOf(HasSubstr("16"), HasSubstr("15")));
}

TEST_F(StageTest, FollowsFromTheSeed) {
  Train("one");
  torch::manual_seed(99);
  Train("two");
  ExpectSameRun("one", "two");
  config_.seed = 2;
  Train("other");
  EXPECT_FALSE(SameTensors(Checkpoint("one"), Checkpoint("other")));
}

// GoogleTest runs a DeathTest before the others start threads.
TEST(StopSignalsDeathTest, ASecondOneEndsTheProgram) {
  const auto twice = [](int first, int second) {
    CatchStopSignals();
    std::raise(first);
    std::raise(second);
  };
  EXPECT_EXIT(twice(SIGINT, SIGINT), testing::KilledBySignal(SIGINT), "");
  EXPECT_EXIT(twice(SIGINT, SIGTERM), testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace links
