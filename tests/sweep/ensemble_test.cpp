#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <filesystem>
#include <map>

#include "links/core/atomic_file.h"
#include "links/loss/completion_loss.h"
#include "links/loss/distillation_loss.h"
#include "links/loss/lifting_terms.h"
#include "links/run/checkpoint.h"
#include "links/sweep/sweep.h"
#include "support/hide_joints.h"
#include "support/stored_tensors.h"
#include "support/tiny_networks.h"
#include "support/tiny_run.h"

namespace links {
namespace {

using namespace test;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
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
  config_.completion.loss->error = JointError::kSquared;
  config_.data.placement = Placement::kHost;
  const std::vector<RunConfig> configs = Seeds({3, 4});
  Together(configs);
  Alone(configs);
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

class SweepTest : public EnsembleTest {
 protected:
  SweepTest() {
    folder_.Write("base.yaml",
                  "data: {training: [poses.h5]}\n"
                  "flows: {network: {width: 8, blocks: 2}, schedule: {epochs: 1, batch: 16}}\n"
                  "lifters: {network: {width: 8}, schedule: {epochs: 1, batch: 16}}\n");
    folder_.Write("a.yaml", "lifters: {loss: {bone: 0}}\n");
    folder_.Write("b.yaml", "lifters: {sampled: false}\n");
  }
  SweepOptions Options(std::vector<std::string> variants, const std::string& seeds) const {
    SweepOptions options;
    options.configs = {folder_ / "base.yaml"};
    for (const std::string& variant : variants) options.variants.push_back(folder_ / variant);
    options.seeds = seeds;
    options.output = folder_ / "sweep";
    return options;
  }
  std::vector<std::string> Folders(const std::vector<PlannedRun>& runs) const {
    std::vector<std::string> names;
    for (const PlannedRun& run : runs)
      names.push_back(std::filesystem::path(run.directory.path()).lexically_relative(folder_ / "sweep"));
    return names;
  }
};

TEST_F(SweepTest, HasARunForEveryVariantAndSeed) {
  EXPECT_THAT(Folders(PlanSweep(Options({}, ""))), ElementsAre("."));
  EXPECT_THAT(Folders(PlanSweep(Options({}, "2"))), ElementsAre("seed1", "seed2"));
  EXPECT_THAT(Folders(PlanSweep(Options({"a.yaml", "b.yaml"}, ""))), ElementsAre("a", "b"));
  SweepOptions options = Options({"a.yaml", "b.yaml"}, "2");
  options.overrides = {"flows.from=flows/seed{seed}"};
  const std::vector<PlannedRun> runs = PlanSweep(options);
  EXPECT_THAT(Folders(runs), ElementsAre("a/seed1", "a/seed2", "b/seed1", "b/seed2"));
  EXPECT_EQ(runs[1].config.seed, 2);
  EXPECT_EQ(runs[1].config.lifters.loss->bone, 0);
  EXPECT_EQ(runs[1].config.flows.from, "flows/seed2");
  EXPECT_EQ(runs[1].config.output, runs[1].directory.path());
  EXPECT_FALSE(runs[3].config.lifters.sampled);
}

TEST_F(SweepTest, SeedsAreANumberOrARange) {
  EXPECT_THAT(Folders(PlanSweep(Options({}, "4-6"))), ElementsAre("seed4", "seed5", "seed6"));
  EXPECT_THAT(Folders(PlanSweep(Options({}, "0-0"))), ElementsAre("seed0"));
  for (const char* wrong : {"0", "-1", "3-2", "a", "1-", "-", "1-2-3", "1 2", "1-1001", "99999999999"})
    EXPECT_THAT(MessageOf([&] { PlanSweep(Options({}, wrong)); }), HasSubstr(Concat("'", wrong, "'")))
        << wrong;
}

TEST_F(SweepTest, ARunThatCannotBePreparedKeepsNoOtherFromStarting) {
  SweepOptions options = Options({}, "2");
  folder_.Write("sweep/seed1/holiday.jpg", "");
  std::vector<PlannedRun> runs = PlanSweep(options);
  PrepareSweep(runs, true, torch::kCPU);
  EXPECT_THAT(runs[0].failure, HasSubstr("seed1"));
  EXPECT_EQ(TrainSweep(runs, {"flows"}, torch::kCPU, 8), StageResult::kFinished);
  EXPECT_EQ(runs[1].failure, "");
  EXPECT_TRUE(std::filesystem::exists(runs[1].directory.CheckpointPath("segment_flows")));
  EXPECT_FALSE(std::filesystem::exists(runs[0].directory.ConfigPath()));
  runs = PlanSweep(Options({}, "1-1"));
  EXPECT_THROW(PrepareSweep(runs, true, torch::kCPU), UsageError) << "a single run says so at once";
}

TEST_F(SweepTest, VariantsNeedNamesOfTheirOwn) {
  std::filesystem::create_directories(folder_ / "other");
  folder_.Write("other/a.yaml", "{}\n");
  EXPECT_THAT(MessageOf([&] {
                PlanSweep(Options({"a.yaml", "other/a.yaml"}, "1"));
              }),
              HasSubstr("other/a.yaml"));
  SweepOptions options = Options({}, "1");
  options.output.clear();
  EXPECT_THROW(PlanSweep(options), UsageError);
}

TEST_F(SweepTest, FlowsThatAreFinishedWhenItGoesOnAreTakenToo) {
  std::vector<PlannedRun> runs = PlanSweep(Options({"a.yaml", "b.yaml"}, "1"));
  ASSERT_EQ(runs.size(), 2u);
  for (const PlannedRun& run : runs) run.directory.Prepare(run.config, false, "cpu");
  TrainRun(runs[0].config, runs[0].directory, {"flows"}, torch::kCPU);
  EXPECT_EQ(TrainSweep(runs, {"flows"}, torch::kCPU, 8), StageResult::kFinished);
  EXPECT_TRUE(SameTensors(runs[0].directory.CheckpointPath("segment_flows"),
                          runs[1].directory.CheckpointPath("segment_flows")));
  EXPECT_TRUE(MetricLines(runs[1].directory.path()).empty());
}

TEST_F(SweepTest, TrainsWhatItPlansHoweverManyTogether) {
  std::map<int64_t, std::vector<std::string>> lines;
  for (const int64_t together : {1, 2, 8}) {
    SweepOptions options = Options({"a.yaml", "b.yaml"}, "3");
    options.output += std::to_string(together);
    std::vector<PlannedRun> runs = PlanSweep(options);
    for (const PlannedRun& run : runs) run.directory.Prepare(run.config, false, "cpu");
    EXPECT_EQ(TrainSweep(runs, {"flows", "lifters"}, torch::kCPU, together), StageResult::kFinished);
    for (const PlannedRun& run : runs) {
      EXPECT_EQ(run.failure, "");
      EXPECT_TRUE(ReadCheckpointHeader(run.directory.CheckpointPath("lifters")).position.finished);
      // A log tells of its own stack alone; the flows of b are taken from a.
      const bool of_a = run.config.lifters.loss->bone == 0;
      EXPECT_EQ(ReadFile(run.directory.LogPath()).find("/b/seed") == std::string::npos, of_a);
    }
    // The flows of b are those of a with the same seed.
    EXPECT_TRUE(SameTensors(runs[1].directory.CheckpointPath("segment_flows"),
                            runs[4].directory.CheckpointPath("segment_flows")));
    EXPECT_EQ(MetricLines(runs[4].directory.path()).size(), 1u);
    EXPECT_EQ(ReadCheckpointHeader(runs[4].directory.CheckpointPath("segment_flows")).config,
              ReadFile(runs[4].directory.ConfigPath()))
        << "as if it had trained them itself";
  }
  for (const char* run : {"a/seed1", "a/seed2", "a/seed3", "b/seed1", "b/seed2", "b/seed3"}) {
    SCOPED_TRACE(run);
    ExpectSame(folder_ / ("sweep1/" + std::string(run)), folder_ / ("sweep8/" + std::string(run)));
    ExpectSame(folder_ / ("sweep2/" + std::string(run)), folder_ / ("sweep8/" + std::string(run)));
  }
}

}  // namespace
}  // namespace links
