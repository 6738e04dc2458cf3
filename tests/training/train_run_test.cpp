#include "links/training/train_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "links/core/atomic_file.h"
#include "links/data/missing_joints.h"
#include "links/dataset/normalisation.h"
#include "links/loss/distillation_loss.h"
#include "links/loss/lifting_terms.h"
#include "links/run/checkpoint.h"
#include "support/hide_joints.h"
#include "support/plain_poses.h"
#include "support/stored_tensors.h"
#include "support/tiny_run.h"
#include "support/with_options.h"

namespace links {
namespace {

using namespace test;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class TrainRunTest : public TinyRunTest {
 protected:
  TrainRunTest() {
    WritePoseFile(folder_ / "poses.h5", data_);
    config_.data.training = config_.data.validation = {folder_ / "poses.h5"};
    config_.data.validation_poses = 10;
    config_.data.bone_ratios = BoneRatioSource::kTraining;
  }

  RunDirectory Directory(const std::string& name) const { return RunDirectory(folder_ / name); }

  // As `links train --resume`.
  StageResult Train(const std::string& name, const std::string& what = "all") {
    Directory(name).Prepare(config_, /*resume=*/true, "cpu");
    return TrainRun(config_, Directory(name), {what}, torch::kCPU);
  }

  testing::AssertionResult SameRun(const std::string& a, const std::string& b) const {
    for (const std::string& stage : StageNames()) {
      const auto same = SameTensors(Directory(a).CheckpointPath(stage), Directory(b).CheckpointPath(stage));
      if (!same) return same;
    }
    if (MetricLines(folder_ / a) == MetricLines(folder_ / b)) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "the metrics differ";
  }

  PoseData data_ = Synthesize({.poses = 50, .seed = 4});
  RunConfig config_ = TinyConfig();
};

TEST_F(TrainRunTest, TrainsEveryStageAndLogsEveryEpoch) {
  EXPECT_EQ(Train("run"), StageResult::kFinished);
  std::vector<std::string> stages;
  for (const std::string& line : MetricLines(folder_ / "run")) {
    const json parsed = json::parse(line);
    stages.push_back(parsed.at("stage"));
    if (stages.back() == "lifters") {
      EXPECT_GT(parsed.at("legs_torso/pa_mpjpe"), 0);
      EXPECT_GE(parsed.at("legs_torso/pa_mpjpe"), parsed.at("legs_torso/pa_mpjpe_reflection"));
    }
    if (stages.back() == "occlusion") {
      EXPECT_GT(parsed.at("o3d/full_torso/pa_mpjpe"), 0);
    }
    if (stages.back() == "completion") {
      EXPECT_GT(parsed.at("mask/full_torso/pa_mpjpe"), 0);
    }
  }
  EXPECT_THAT(stages, ElementsAre("full_flow", "full_flow", "segment_flows", "segment_flows", "lifters",
                                  "lifters", "occlusion", "occlusion", "completion", "completion"));
  for (const std::string& stage : StageNames()) {
    const CheckpointHeader header = ReadCheckpointHeader(Directory("run").CheckpointPath(stage));
    EXPECT_TRUE(header.position.finished) << stage;
    EXPECT_EQ(header.stage, stage);
    EXPECT_EQ(header.normalisation.head_root_px, Normalisation::Of(data_).head_root_px);
  }
}

TEST_F(TrainRunTest, TensorBoardGetsAPictureOfPosesAnEpoch) {
  Train("run");
  std::string events;
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "run/tensorboard"))
    events += ReadFile(file.path());
  for (const std::string& stage : StageNames()) {
    int pictures = 0;
    const std::string tag = stage + "/poses";
    for (size_t at = 0; (at = events.find(tag, at)) != std::string::npos; at += tag.size()) ++pictures;
    EXPECT_EQ(pictures, stage == "segment_flows" ? 0 : 2) << stage;
  }
}

TEST_F(TrainRunTest, StoppedAfterEveryStepItEndsAsIfItHadNotBeen) {
  Train("whole");
  int stops = 0;
  do {
    CatchStopSignals();
    std::raise(SIGTERM);
    ASSERT_LT(stops, 100);
  } while (Train("stopped") == StageResult::kInterrupted && ++stops);
  // 5 stages of 6 steps; the call that ends a stage also makes the first step of the next one, the last is no
  // stop.
  EXPECT_EQ(stops, 5 * 6 - 4 - 1);
  EXPECT_TRUE(SameRun("whole", "stopped"));
}

TEST_F(TrainRunTest, MetricsLaterThanTheCheckpointAreWrittenAgain) {
  Train("whole");
  Train("killed");
  // As if it had been killed between writing the last metrics and the last checkpoint.
  std::filesystem::remove(Directory("killed").CheckpointPath("completion"));
  Train("killed");
  EXPECT_TRUE(SameRun("whole", "killed"));
}

TEST_F(TrainRunTest, StagesTrainedOneByOneAreTheSame) {
  Train("whole");
  for (const char* what : {"flows", "lifters", "occlusion", "completion"}) Train("parts", what);
  EXPECT_TRUE(SameRun("whole", "parts"));
}

TEST_F(TrainRunTest, AFinishedStageIsNotTrainedAgain) {
  Train("run", "flows");
  std::set<std::string> before, after;
  for (const char* stage : {"full_flow", "segment_flows"})
    before.insert(ReadFile(Directory("run").CheckpointPath(stage)));
  EXPECT_EQ(Train("run", "flows"), StageResult::kFinished);
  for (const char* stage : {"full_flow", "segment_flows"})
    after.insert(ReadFile(Directory("run").CheckpointPath(stage)));
  EXPECT_EQ(before, after);
  EXPECT_EQ(MetricLines(folder_ / "run").size(), 4u);
}

TEST_F(TrainRunTest, FollowsFromTheSeed) {
  Train("one");
  Train("two");
  EXPECT_TRUE(SameRun("one", "two"));
  config_.seed = 2;
  Train("other");
  for (const std::string& stage : StageNames()) {
    EXPECT_FALSE(
        SameTensors(Directory("one").CheckpointPath(stage), Directory("other").CheckpointPath(stage)));
  }
}

TEST_F(TrainRunTest, ALaterStageNeedsTheEarlierOnes) {
  EXPECT_THROW(Train("run", "lifters"), UsageError);
  EXPECT_THAT(MessageOf([&] { Train("run", "lifters"); }),
              AllOf(HasSubstr("full_flow"), HasSubstr("lifters")));
  EXPECT_THROW(Train("run", "occlusion"), UsageError);
  Train("run", "flows");
  EXPECT_THAT(MessageOf([&] { Train("run", "occlusion"); }), HasSubstr("stage lifters"));
}

TEST_F(TrainRunTest, EveryVariantOfTheOptionsTrains) {
  config_.include_root = true;
  config_.sampler.mode = SamplerMode::kRandom;
  config_.flows.network.standardise = true;
  config_.lifters.groups = {"left_right", "full", "legs_torso"};
  config_.lifters.schedule.max_grad_norm = 1;
  config_ = With(config_, {"lifters.loss.elevation=fixed", "lifters.loss.full_likelihood=1",
                           "lifters.loss.front_prior=1", "occlusion.loss.input=rearranged"});
  config_.data.validation.clear();
  EXPECT_EQ(Train("run"), StageResult::kFinished);
}

TEST_F(TrainRunTest, TheOcclusionStageNeedsBothGroups) {
  config_.lifters.groups = {"legs_torso"};
  Train("run", "flows");
  Train("run", "lifters");
  EXPECT_THROW(Train("run", "occlusion"), UsageError);
  EXPECT_THROW(Train("run", "completion"), UsageError);
  // Said before anything is trained.
  EXPECT_THROW(Train("other", "all"), UsageError);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "other/checkpoints/full_flow.safetensors"));
}

TEST_F(TrainRunTest, ValidationWithout3dTellsLikelihoodsAndSignsOfDepth) {
  PoseData flat = data_;
  flat.joints_3d.clear();
  WritePoseFile(folder_ / "flat.h5", flat);
  config_.data.validation = {folder_ / "flat.h5"};
  EXPECT_EQ(Train("run"), StageResult::kFinished);
  std::map<std::string, json> last;  // of each stage
  for (const std::string& line : MetricLines(folder_ / "run"))
    last[json::parse(line).at("stage")] = json::parse(line);
  EXPECT_TRUE(std::isfinite(last["full_flow"].at("full/nll_held_out").get<double>()));
  EXPECT_TRUE(std::isfinite(last["segment_flows"].at("legs/nll_held_out").get<double>()));
  EXPECT_GE(last["lifters"].at("legs_torso/knees_forward"), 0);
  EXPECT_GT(last["lifters"].at("disagreement"), 0);
  EXPECT_FALSE(last["lifters"].contains("legs_torso/pa_mpjpe"));
}

TEST_F(TrainRunTest, LossesOfPosesHeldOutAreLogged) {
  Train("run");
  for (const std::string& line : MetricLines(folder_ / "run")) {
    const json parsed = json::parse(line);
    if (parsed.at("stage") != "lifters") continue;
    for (const LiftingTerm& term : LiftingTerms()) {
      const std::string name = std::string("left_right/") + term.name;
      const double trained = parsed.at(name), held_out = parsed.at(name + "_held_out");
      EXPECT_TRUE(std::isfinite(held_out)) << name;
      // Of the same motions after a few steps: of one size.
      EXPECT_LE(std::abs(held_out - trained), std::abs(trained)) << name;
    }
  }
}

// People of whom every second has no torso, and every fifth of the others no legs.
PoseData InPart(PoseData poses) {
  for (int64_t row = 0; row < poses.size(); ++row) {
    if (row % 2 == 0) {
      HideJoints(poses, row, kTorsoJoints);
    } else if (row % 5 == 1) {
      HideJoints(poses, row, kLegJoints);
    }
  }
  return poses;
}

TEST_F(TrainRunTest, PartialPosesTeachTheSegmentsThatTheyShow) {
  data_ = Synthesize({.poses = 100, .seed = 4});
  config_.data.validation_poses = 100;
  const PoseData some = InPart(data_);
  WritePoseFile(folder_ / "some.h5", some);
  WritePoseFile(folder_ / "complete.h5", CompletePoses(some, "poses"));
  config_.data.training = config_.data.validation = {folder_ / "some.h5"};
  Train("left out");  // those that lack joints
  config_.data.training = config_.data.validation = {folder_ / "complete.h5"};
  Train("complete");
  EXPECT_TRUE(SameRun("left out", "complete"));
  config_.data.partial = true;
  Train("none in part");
  EXPECT_TRUE(SameRun("none in part", "complete")) << "nothing changes where all are complete";

  config_.data.training = config_.data.validation = {folder_ / "some.h5"};
  EXPECT_EQ(Train("partial"), StageResult::kFinished);
  const auto checkpoint = [&](const char* run, const char* stage) {
    return Directory(run).CheckpointPath(stage);
  };
  EXPECT_TRUE(SameTensors(checkpoint("partial", "full_flow"), checkpoint("complete", "full_flow")))
      << "what needs the whole body learns from the complete ones";
  EXPECT_FALSE(SameTensors(checkpoint("partial", "segment_flows"), checkpoint("complete", "segment_flows")));
  std::map<std::string, json> last;
  for (const std::string& line : MetricLines(folder_ / "partial")) {
    const json parsed = json::parse(line);
    last[parsed.at("stage")] = parsed;
  }
  EXPECT_EQ(last["full_flow"].at("step"), 4);       // 2 epochs of 40 complete poses
  EXPECT_EQ(last["segment_flows"].at("step"), 10);  // 2 of the 90 that show the legs
  EXPECT_TRUE(last["lifters"].contains("legs/likelihood"));
  EXPECT_TRUE(last["lifters"].contains("torso/deformation"));
  EXPECT_FALSE(last["lifters"].contains("legs/bone"));
  EXPECT_FALSE(last["lifters"].contains("left/likelihood")) << "nobody shows the left side and not the rest";
  EXPECT_GT(last["lifters"].at("legs_torso/pa_mpjpe"), 0);
}

TEST_F(TrainRunTest, PartialTrainingStoppedAfterEveryStepEndsAsIfItHadNotBeen) {
  data_ = Synthesize({.poses = 100, .seed = 4});
  WritePoseFile(folder_ / "some.h5", InPart(data_));
  config_.data.training = config_.data.validation = {folder_ / "some.h5"};
  config_.data.partial = true;
  Train("whole");
  int stops = 0;
  do {
    CatchStopSignals();
    std::raise(SIGTERM);
    ASSERT_LT(stops, 100);
  } while (Train("stopped") == StageResult::kInterrupted && ++stops);
  EXPECT_TRUE(SameRun("whole", "stopped"));
}

TEST_F(TrainRunTest, PartialTrainingNeedsCompletePosesToo) {
  for (int64_t row = 0; row < data_.size(); ++row) HideJoints(data_, row, {kHeadTop});
  WritePoseFile(folder_ / "legs.h5", data_);
  config_.data.training = {folder_ / "legs.h5"};
  config_.data.partial = true;
  EXPECT_THAT(MessageOf([&] { Train("run"); }),
              HasSubstr("the full-pose flow and the groups of lifters learn from, found none among 50"));
}

TEST_F(TrainRunTest, StartsFromTheWeightsOfAnotherRun) {
  Train("source");
  const std::string source = folder_ / "source";
  // Other poses, and steps too small to leave the weights.
  config_.data.training_selection.stride = 2;
  for (ScheduleOptions* schedule : {&config_.flows.schedule, &config_.lifters.schedule,
                                    &config_.occlusion.schedule, &config_.completion.schedule})
    schedule->learning_rate = 1e-8;
  const auto farthest = [&](const std::string& run) {
    double most = 0;
    for (const std::string& stage : StageNames()) {
      const auto from = StoredTensors(Directory("source").CheckpointPath(stage));
      for (const auto& [name, tensor] : StoredTensors(Directory(run).CheckpointPath(stage))) {
        if (!tensor.is_floating_point() || !from.contains(name)) continue;
        most = std::max(most, (tensor - from.at(name)).abs().max().item<double>());
      }
    }
    return most;
  };
  Train("random");
  EXPECT_GT(farthest("random"), 0.01);
  for (std::string* start : {&config_.flows.start_from, &config_.lifters.start_from,
                             &config_.occlusion.start_from, &config_.completion.start_from})
    *start = source;
  Train("started");
  EXPECT_LT(farthest("started"), 1e-5) << "the standardisations are the source's too";
  config_.lifters.start_from = folder_ / "random";
  config_.lifters.network.width = 16;
  EXPECT_THAT(MessageOf([&] { Train("another size"); }), HasSubstr("lifters"));
}

TEST_F(TrainRunTest, FlowsOfAnotherRunServeAsItsOwn) {
  Train("own");
  Train("source", "flows");
  config_.flows.from = folder_ / "source";
  Train("taken", "lifters");
  for (const char* stage : {"full_flow", "segment_flows", "lifters"}) {
    EXPECT_TRUE(SameTensors(Directory("own").CheckpointPath(stage), Directory("taken").CheckpointPath(stage)))
        << stage;
  }
  config_.seed = 9;  // the flows need not share the seed
  config_.lifters.sampled = false;
  EXPECT_EQ(Train("other seed"), StageResult::kFinished);
  EXPECT_TRUE(SameTensors(Directory("own").CheckpointPath("full_flow"),
                          Directory("other seed").CheckpointPath("full_flow")));
}

TEST_F(TrainRunTest, FlowsOfAnotherKindAreRefused) {
  Train("source", "flows");
  config_.flows.from = folder_ / "source";
  config_.flows.dequantisation_noise = 0.125;
  EXPECT_THAT(MessageOf([&] { Train("noise"); }), HasSubstr("flows.from"));
  config_.flows.dequantisation_noise = TinyConfig().flows.dequantisation_noise;
  config_.data.training_selection.stride = 2;
  EXPECT_THROW(Train("poses"), UsageError);
  config_.data.training_selection.stride = 1;
  config_.data.scale = ScaleOf::kPerson;
  EXPECT_THROW(Train("scale"), UsageError);
  config_.data.scale = ScaleOf::kDataset;
  config_.flows.from = folder_ / "nowhere";
  EXPECT_THROW(Train("nothing there"), Error);
  config_.flows.from.clear();
  std::raise(SIGTERM);
  ASSERT_EQ(Train("half", "flows"), StageResult::kInterrupted);
  CatchStopSignals();
  config_.flows.from = folder_ / "half";
  EXPECT_THAT(MessageOf([&] { Train("from half"); }), HasSubstr("finished"));
}

TEST_F(TrainRunTest, OnlyTheSegmentFlowsAskedForAreTrained) {
  config_.lifters.groups = {"full"};
  config_.flows.segments = {};
  config_.flows.full_pca = 5;
  Train("full", "flows");
  Train("full", "lifters");
  EXPECT_FALSE(std::filesystem::exists(Directory("full").CheckpointPath("segment_flows")));
  TrainedRun run = LoadRun(Directory("full"), torch::kCPU);
  EXPECT_TRUE(run.has_flows && run.has_lifters);
  EXPECT_EQ(run.networks.flows->full()->latent_dimensions(), 5);

  config_.lifters.groups = {"legs_torso"};
  config_.flows.segments = {Segment::kTorso, Segment::kLegs};
  config_.flows.full_pca = 0;
  Train("two", "flows");
  Train("two", "lifters");
  const auto stored = StoredTensors(Directory("two").CheckpointPath("segment_flows"));
  EXPECT_EQ(stored.at("networks.flows.segments.blocks.0.actnorm_scale").size(0), 2)
      << "legs and torso side by side";
  run = LoadRun(Directory("two"), torch::kCPU);
  EXPECT_EQ(run.networks.flows->segments(), (std::vector<Segment>{Segment::kLegs, Segment::kTorso}));
}

TEST_F(TrainRunTest, SupervisedLiftersNeedNoFlowsAndLearn) {
  config_.lifters.supervision = Supervision::k3d;
  config_.lifters.groups = {"legs_torso", "left_right", "full"};
  config_.lifters.schedule.epochs = 30;
  config_.lifters.schedule.learning_rate = 0.01;
  Train("run", "lifters");
  EXPECT_FALSE(std::filesystem::exists(Directory("run").CheckpointPath("full_flow")));
  const std::vector<std::string> lines = MetricLines(folder_ / "run");
  const json first = json::parse(lines.front()), last = json::parse(lines.back());
  for (const char* pose : {"legs_torso", "left_core", "full"}) {
    const std::string metric = std::string(pose) + "/pa_mpjpe";
    EXPECT_LT(last.at(metric), first.at(metric)) << pose;
  }
  data_.joints_3d.clear();
  WritePoseFile(folder_ / "flat.h5", data_);
  config_.data.training = {folder_ / "flat.h5"};
  config_.data.bone_ratios = BoneRatioSource::kHuman36m;
  EXPECT_THROW(Train("flat", "lifters"), Error);
}

TEST_F(TrainRunTest, SidesLearnFromTheirTeacherWithoutFlowsOfTheirOwn) {
  config_.lifters.groups = {"legs_torso", "left_right"};
  config_.lifters.sides_teacher = SidesTeacher::kLegsTorso;
  config_.flows.segments = {Segment::kLegs, Segment::kTorso};
  config_.lifters.schedule.epochs = 30;
  config_.lifters.schedule.learning_rate = 0.01;
  Train("run", "flows");
  Train("run", "lifters");
  TrainedRun run = LoadRun(Directory("run"), torch::kCPU);
  const torch::Tensor keypoints = Normalisation::Of(data_).Keypoints(data_);
  const auto depths = [&](const Composition& composition) {
    return run.networks.lifters->LiftPose(composition, keypoints).select(-1, 2);
  };
  const torch::Tensor teacher = depths(LegsTorso());
  for (const Composition& taught : {LeftCore(), RightCore()}) {
    EXPECT_LT((depths(taught) - teacher).norm().item<double>(), 0.5 * teacher.norm().item<double>())
        << taught.name;
  }
}

TEST_F(TrainRunTest, ADamagedCheckpointIsNamed) {
  Train("run", "flows");
  const std::string path = Directory("run").CheckpointPath("full_flow"), whole = ReadFile(path);
  folder_.Write("run/checkpoints/full_flow.safetensors", whole.substr(0, whole.size() / 2));
  EXPECT_THAT(MessageOf([&] { Train("run"); }), HasSubstr(path));
  EXPECT_THAT(MessageOf([&] { LoadRun(Directory("run"), torch::kCPU); }), HasSubstr(path));
}

TEST_F(TrainRunTest, LoadRunGivesWhatIsFinished) {
  Directory("run").Prepare(config_, false, "cpu");
  EXPECT_THAT(MessageOf([&] { LoadRun(Directory("run"), torch::kCPU); }), HasSubstr("no finished stage"));
  EXPECT_THROW(LoadRun(Directory("nowhere"), torch::kCPU), Error);
  Train("run", "flows");
  TrainedRun run = LoadRun(Directory("run"), torch::kCPU);
  EXPECT_TRUE(run.has_flows);
  EXPECT_FALSE(run.has_lifters);
  std::raise(SIGINT);
  ASSERT_EQ(Train("run"), StageResult::kInterrupted);
  EXPECT_FALSE(LoadRun(Directory("run"), torch::kCPU).has_lifters) << "a stage half-way is not finished";
  CatchStopSignals();
  Train("run");
  run = LoadRun(Directory("run"), torch::kCPU);
  EXPECT_TRUE(run.has_flows && run.has_lifters && run.has_fillers && run.has_completion);
  EXPECT_EQ(run.normalisation.mm_per_unit, Normalisation::Of(data_).mm_per_unit);
  EXPECT_EQ(run.config.flows.network.width, 8);
  const auto stored = StoredTensors(Directory("run").CheckpointPath("lifters"));
  ASSERT_EQ(run.networks.lifters->segments().size(), 4u);
  for (const auto& item : run.networks.lifters->stack()->named_parameters()) {
    EXPECT_EQ(item.value().size(0), 4) << item.key();
    EXPECT_TRUE(item.value().equal(stored.at("networks.lifters." + item.key()))) << item.key();
    EXPECT_FALSE(item.value().requires_grad());
  }
}

TEST_F(TrainRunTest, BoneRatiosComeFromWhereTheConfigurationSays) {
  DataOptions options;
  const auto at = [&](int64_t bone) { return BoneRatios(options, data_)[bone].item<double>(); };
  EXPECT_NEAR(at(1), 1.73711136, 1e-6);
  options.bone_ratios = BoneRatioSource::kValues;
  for (int i = 0; i < 16; ++i) options.bone_ratio_values.push_back(1 + i / 16.0);
  EXPECT_NEAR(at(3), 1.1875, 1e-6);
  // The mean over poses of bone / mean bone.
  const Poses poses = ToPlain(RootCentredJoints(data_));
  std::array<double, 16> mean{};
  for (const Pose& pose : poses)
    for (int i = 0; i < 16; ++i) mean[i] += PlainRelativeBones(pose)[i] / static_cast<double>(poses.size());
  options.bone_ratio_file = folder_ / "poses.h5";
  for (const BoneRatioSource source : {BoneRatioSource::kTraining, BoneRatioSource::kFile}) {
    options.bone_ratios = source;
    for (int i = 0; i < 16; ++i)
      EXPECT_NEAR(at(i), mean[i], 1e-5) << static_cast<int>(source) << ", bone " << i;
  }
  data_.joints_3d.clear();
  EXPECT_NO_THROW(at(0));
  options.bone_ratios = BoneRatioSource::kTraining;
  EXPECT_THROW(at(0), Error);
}

}  // namespace
}  // namespace links
