#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <filesystem>

#include "links/core/atomic_file.h"
#include "links/loss/completion_loss.h"
#include "links/loss/distillation_loss.h"
#include "links/loss/lifting_terms.h"
#include "links/run/checkpoint.h"
#include "links/sweep/sweep_task.h"
#include "support/hide_joints.h"
#include "support/stored_tensors.h"
#include "support/tiny_networks.h"
#include "support/tiny_run.h"

namespace links {
namespace {

using namespace test;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

// Weights after six steps of Adam, whose first steps make much of the last bits of small gradients.
constexpr double kTolerance = 2e-4;
// A weight whose product with a term is beyond the numbers of float32.
constexpr double kTooMuch = 3e38;

/// Runs trained together in <folder>/together/N and each alone in <folder>/alone/N.
class EnsembleTest : public TinyRunTest {
 protected:
  EnsembleTest() {
    WritePoseFile(folder_ / "poses.h5", Synthesize({.poses = 50, .seed = 4}));
    config_.data.training = config_.data.validation = {folder_ / "poses.h5"};
    config_.data.validation_poses = 10;
  }

  std::vector<RunConfig> Seeds(std::vector<int64_t> seeds) const {
    std::vector<RunConfig> configs(seeds.size(), config_);
    for (size_t i = 0; i < seeds.size(); ++i) configs[i].seed = seeds[i];
    return configs;
  }

  std::string Folder(const std::string& kind, size_t run) const {
    return folder_ / (kind + "/" + std::to_string(run));
  }

  std::vector<PlannedRun> Prepared(const std::string& kind, const std::vector<RunConfig>& configs) const {
    std::vector<PlannedRun> runs;
    for (size_t run = 0; run < configs.size(); ++run) {
      runs.push_back({configs[run], RunDirectory(Folder(kind, run))});
      runs.back().directory.Prepare(configs[run], /*resume=*/true, "cpu");
    }
    return runs;
  }

  StageResult Together(const std::vector<RunConfig>& configs, const std::vector<std::string>& what = {"all"},
                       std::vector<std::string>* failures = nullptr) {
    std::vector<PlannedRun> runs = Prepared("together", configs);
    FinishedFlows flows;
    const StageResult result = TrainEnsemble(runs, what, torch::kCPU, flows);
    for (const PlannedRun& run : runs) {
      if (failures != nullptr) {
        failures->push_back(run.failure);
      } else {
        EXPECT_EQ(run.failure, "");
      }
    }
    return result;
  }

  void Alone(const std::vector<RunConfig>& configs, const std::vector<std::string>& what = {"all"}) {
    for (const PlannedRun& run : Prepared("alone", configs)) {
      EXPECT_EQ(TrainRun(run.config, run.directory, what, torch::kCPU), StageResult::kFinished);
    }
  }

  // Checkpoints and metrics of a run, as good as equal.
  void ExpectSame(const std::string& a, const std::string& b) const {
    for (const std::string& stage : StageNames()) {
      const std::string path_a = RunDirectory(a).CheckpointPath(stage),
                        path_b = RunDirectory(b).CheckpointPath(stage);
      ASSERT_EQ(std::filesystem::exists(path_a), std::filesystem::exists(path_b)) << stage;
      if (!std::filesystem::exists(path_a)) continue;
      const auto tensors_a = StoredTensors(path_a), tensors_b = StoredTensors(path_b);
      ASSERT_EQ(tensors_a.size(), tensors_b.size()) << stage;
      for (const auto& [name, tensor] : tensors_a) {
        const torch::Tensor& other = tensors_b.at(name);
        ASSERT_EQ(tensor.sizes(), other.sizes()) << stage << ' ' << name;
        if (name.starts_with("optimizer")) continue;  // as good as the weights that it gives
        EXPECT_TRUE(
            torch::allclose(tensor.to(torch::kFloat64), other.to(torch::kFloat64), kTolerance, kTolerance))
            << stage << ' ' << name;
      }
    }
    const std::vector<std::string> lines_a = MetricLines(a), lines_b = MetricLines(b);
    ASSERT_EQ(lines_a.size(), lines_b.size());
    for (size_t i = 0; i < lines_a.size(); ++i) {
      const json line_a = json::parse(lines_a[i]), line_b = json::parse(lines_b[i]);
      ASSERT_EQ(line_a.size(), line_b.size());
      const double total_a = line_a.at("total"), total_b = line_b.at("total");
      json terms_a = line_a, terms_b = line_b;
      terms_a.erase("total");
      terms_b.erase("total");
      if (terms_a == terms_b) {
        EXPECT_EQ(total_a, total_b) << line_a["stage"] << ": added up in another order";
      }
      for (const auto& [name, value] : line_a.items()) {
        if (!value.is_number()) continue;
        const double other = line_b.at(name);
        EXPECT_NEAR(value.get<double>(), other, 1e-3 * std::max(1.0, std::abs(other)))
            << line_a["stage"] << name;
      }
    }
  }

  void ExpectEachAsAlone(size_t runs) const {
    for (size_t run = 0; run < runs; ++run) {
      SCOPED_TRACE(run);
      ExpectSame(Folder("together", run), Folder("alone", run));
    }
  }

  RunConfig config_ = TinyConfig();
};

TEST_F(EnsembleTest, EveryRunEndsAsItDoesAlone) {
  const std::vector<RunConfig> configs = Seeds({1, 2, 7});
  EXPECT_EQ(Together(configs), StageResult::kFinished);
  Alone(configs);
  ExpectEachAsAlone(3);
  const RunDirectory first(Folder("together", 0)), second(Folder("together", 1));
  for (const std::string& stage : StageNames())
    EXPECT_FALSE(SameTensors(first.CheckpointPath(stage), second.CheckpointPath(stage))) << stage;
}

TEST_F(EnsembleTest, TheSameHoldsForPosesInPart) {
  PoseData poses = Synthesize({.poses = 80, .seed = 4});
  for (int64_t row = 0; row < 80; ++row) {
    if (row % 2 == 0) HideJoints(poses, row, kTorsoJoints);
    if (row % 10 == 1) HideJoints(poses, row, {kLKnee});
  }
  WritePoseFile(folder_ / "poses.h5", poses);
  config_.data.partial = true;
  const std::vector<RunConfig> configs = Seeds({1, 5});
  EXPECT_EQ(Together(configs, {"flows", "lifters"}), StageResult::kFinished);
  Alone(configs, {"flows", "lifters"});
  ExpectEachAsAlone(2);
}

TEST_F(EnsembleTest, TheSameHoldsForEveryOption) {
  config_.include_root = true;
  config_.sampler.mode = SamplerMode::kRandom;
  config_.flows.network.standardise = true;
  config_.flows.full_pca = 30;
  config_.lifters.groups = {"left_right", "full", "legs_torso"};
  config_.lifters.loss->elevation = ElevationRotation::kFixed;
  config_.lifters.loss->full_likelihood = 1;
  config_.lifters.loss->front_prior = 1;
  config_.lifters.schedule.max_grad_norm = 1;
  config_.flows.schedule.max_grad_norm = 1;
  config_.occlusion.loss->input = FillerInput::kRearranged;
  config_.occlusion.loss->rotated_copies = 2;
  config_.occlusion.loss->rotation = CopyRotation::kVirtualView;
  config_.completion.loss->error = JointError::kSquared;
  config_.data.placement = Placement::kHost;
  const std::vector<RunConfig> configs = Seeds({3, 4});
  Together(configs);
  Alone(configs);
  ExpectEachAsAlone(2);
}

TEST_F(EnsembleTest, SidesWithATeacherToo) {
  config_.lifters.groups = {"legs_torso", "left_right", "full"};
  config_.lifters.sides_teacher = SidesTeacher::kLegsTorsoFull;
  config_.lifters.sides_rotated_copies = 2;
  config_.lifters.sampled = true;
  const std::vector<RunConfig> configs = Seeds({3, 4});
  Together(configs, {"flows", "lifters"});
  Alone(configs, {"flows", "lifters"});
  ExpectEachAsAlone(2);
}

TEST_F(EnsembleTest, SupervisedRunsToo) {
  config_.lifters.supervision = Supervision::k3d;
  const std::vector<RunConfig> configs = Seeds({3, 4});
  Together(configs, {"lifters"});
  Alone(configs, {"lifters"});
  ExpectEachAsAlone(2);
}

TEST_F(EnsembleTest, WeightsOfTheLossMayDiffer) {
  std::vector<RunConfig> configs = Seeds({1, 1, 2, 1});
  configs[1].lifters.loss->likelihood = 0.5;
  configs[1].lifters.loss->consistency_3d = 3;
  configs[2].lifters.loss->bone = 10;
  configs[3].lifters.loss->deformation = 2;
  for (const RunConfig& config : configs) EXPECT_EQ(EnsembleKey(config), EnsembleKey(config_));
  Together(configs, {"flows", "lifters"});
  Alone(configs, {"flows", "lifters"});
  for (size_t run = 0; run < configs.size(); ++run) {
    SCOPED_TRACE(run);
    // Flows of the same seed are trained once, so that only that run's metrics tell of them.
    const bool copied = run == 1 || run == 3;
    std::vector<std::string> alone = MetricLines(Folder("alone", run));
    if (copied) {
      EXPECT_EQ(MetricLines(Folder("together", run)).size(), 2u);
      for (const char* stage : {"full_flow", "segment_flows"}) {
        EXPECT_TRUE(SameTensors(RunDirectory(Folder("together", run)).CheckpointPath(stage),
                                RunDirectory(Folder("together", 0)).CheckpointPath(stage)));
      }
      const std::string path = Folder("alone", run) + "/metrics.jsonl";
      WriteFileAtomically(path, alone[4] + "\n" + alone[5] + "\n");
    }
    ExpectSame(Folder("together", run), Folder("alone", run));
  }
}

TEST_F(EnsembleTest, OtherDifferencesKeepRunsApart) {
  RunConfig other = config_;
  EXPECT_EQ(EnsembleKey(other), EnsembleKey(config_));
  other.lifters.sampled = false;
  EXPECT_NE(EnsembleKey(other), EnsembleKey(config_));
  other = config_;
  other.lifters.loss->bone = 0;  // a term that is on in one and off in the other
  EXPECT_NE(EnsembleKey(other), EnsembleKey(config_));
  other = config_;
  other.lifters.loss->deformation_squared = true;
  EXPECT_NE(EnsembleKey(other), EnsembleKey(config_));
  other = config_;
  other.lifters.schedule.learning_rate *= 2;
  EXPECT_NE(EnsembleKey(other), EnsembleKey(config_));
}

TEST_F(EnsembleTest, StoppedTheyEndAsIfTheyHadNotBeen) {
  config_.completion.schedule.epochs = 1;
  const std::vector<RunConfig> configs = Seeds({1, 2});
  Together(configs);
  std::filesystem::create_directories(folder_ / "whole");
  for (size_t run = 0; run < 2; ++run) std::filesystem::rename(Folder("together", run), Folder("whole", run));
  int stops = 0;
  do {
    CatchStopSignals();
    std::raise(SIGTERM);
    ASSERT_LT(stops, 100);
  } while (Together(configs) == StageResult::kInterrupted && ++stops);
  EXPECT_GT(stops, 20);
  CatchStopSignals();
  for (size_t run = 0; run < 2; ++run) {
    for (const std::string& stage : StageNames()) {
      EXPECT_TRUE(SameTensors(RunDirectory(Folder("together", run)).CheckpointPath(stage),
                              RunDirectory(Folder("whole", run)).CheckpointPath(stage)))
          << stage;
    }
    EXPECT_EQ(MetricLines(Folder("together", run)), MetricLines(Folder("whole", run)));
  }
}

TEST_F(EnsembleTest, OneMayGoOnAloneAndOthersMayJoin) {
  const std::vector<RunConfig> configs = Seeds({1, 2, 3});
  // The first is trained through, the second stopped on its way, the third not begun.
  std::vector<PlannedRun> runs = Prepared("together", configs);
  TrainRun(configs[0], runs[0].directory, {"all"}, torch::kCPU);
  TrainRun(configs[1], runs[1].directory, {"flows"}, torch::kCPU);
  std::raise(SIGTERM);
  EXPECT_EQ(TrainRun(configs[1], runs[1].directory, {"all"}, torch::kCPU), StageResult::kInterrupted);
  CatchStopSignals();
  EXPECT_EQ(Together(configs), StageResult::kFinished);
  Alone(configs);
  ExpectEachAsAlone(3);
}

TEST_F(EnsembleTest, ARunThatFailsIsLeftAloneAndTheOthersGoOn) {
  std::vector<RunConfig> configs = Seeds({1, 2, 3});
  Together(configs, {"flows"});
  configs[1].lifters.loss->bone = kTooMuch;
  std::vector<PlannedRun> runs;
  for (size_t run = 0; run < 3; ++run) runs.push_back({configs[run], RunDirectory(Folder("together", run))});
  FinishedFlows flows;
  EXPECT_EQ(TrainEnsemble(runs, {"lifters", "occlusion"}, torch::kCPU, flows), StageResult::kFinished);
  EXPECT_EQ(runs[0].failure, "");
  EXPECT_THAT(runs[1].failure, AllOf(HasSubstr("stage lifters, epoch 1, step 1"), HasSubstr("'total'")));
  EXPECT_EQ(runs[2].failure, "");
  EXPECT_FALSE(std::filesystem::exists(runs[1].directory.CheckpointPath("lifters")));
  EXPECT_FALSE(std::filesystem::exists(runs[1].directory.CheckpointPath("occlusion")));
  configs[1].lifters.loss->bone = 50;
  Alone(configs, {"flows", "lifters", "occlusion"});
  for (const size_t run : {0, 2}) ExpectSame(Folder("together", run), Folder("alone", run));
  // When all fail there is nothing to go on with, and each says why.
  for (size_t run = 0; run < 3; ++run) {
    std::filesystem::remove_all(Folder("together", run));
    configs[run].lifters.loss->bone = kTooMuch;
    runs[run] = {configs[run], RunDirectory(Folder("together", run))};
    runs[run].directory.Prepare(Seeds({1})[0], true, "cpu");
  }
  flows.clear();
  EXPECT_EQ(TrainEnsemble(runs, {"all"}, torch::kCPU, flows), StageResult::kFinished);
  for (const PlannedRun& run : runs) EXPECT_THAT(run.failure, HasSubstr("stage lifters"));
}

TEST_F(EnsembleTest, AnUnfinishedEarlierStageIsSaidOfEachRun) {
  std::vector<std::string> failures;
  Together(Seeds({1, 2}), {"lifters"}, &failures);
  for (const std::string& failure : failures)
    EXPECT_THAT(failure, AllOf(HasSubstr("full_flow"), HasSubstr("together")));
}

TEST_F(EnsembleTest, ARunThatCannotBePreparedKeepsNoOtherFromStarting) {
  const std::vector<RunConfig> configs = Seeds({1, 2});
  folder_.Write("together/0/holiday.jpg", "");
  std::vector<PlannedRun> runs;
  for (size_t run = 0; run < 2; ++run) runs.push_back({configs[run], RunDirectory(Folder("together", run))});
  std::vector<PlannedRun> single = {runs[0]};
  PrepareRuns(runs, true, torch::kCPU);
  EXPECT_THAT(runs[0].failure, HasSubstr("together/0"));
  EXPECT_EQ(TrainSideBySide(runs, {"flows"}, torch::kCPU), StageResult::kFinished);
  EXPECT_EQ(runs[1].failure, "");
  EXPECT_TRUE(std::filesystem::exists(runs[1].directory.CheckpointPath("segment_flows")));
  EXPECT_FALSE(std::filesystem::exists(runs[0].directory.ConfigPath()));
  EXPECT_THROW(PrepareRuns(single, true, torch::kCPU), UsageError) << "a single run says so at once";
}

}  // namespace
}  // namespace links
