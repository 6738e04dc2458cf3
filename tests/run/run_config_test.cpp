#include "links/run/run_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "links/config/config.h"
#include "links/loss/completion_loss.h"
#include "links/loss/distillation_loss.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

RunConfig Valid() {
  RunConfig config;
  config.data.training = {"/poses.h5"};
  return config;
}

std::string Complaint(const RunConfig& config) {
  return MessageOf([&] { config.Check(); });
}

TEST(RunConfig, DefaultsLackTheDataAlone) {
  EXPECT_EQ(Complaint(Valid()), "");
  EXPECT_THAT(Complaint(RunConfig()), AllOf(HasSubstr("data.training"), Not(HasSubstr("lifters"))));
  EXPECT_THROW(RunConfig().Check(), UsageError);
}

TEST(RunConfig, DefaultsAreThePapers) {
  const RunConfig config;
  for (const ScheduleOptions& schedule :
       {config.flows.schedule, config.lifters.schedule, config.occlusion.schedule}) {
    EXPECT_EQ(schedule.batch, 256);
    EXPECT_EQ(schedule.learning_rate, 2e-4);
    EXPECT_EQ(schedule.decay, 0.95);
    EXPECT_EQ(schedule.weight_decay, 1e-5);
  }
  EXPECT_EQ(config.flows.schedule.epochs, 100);
  EXPECT_EQ(config.lifters.schedule.epochs, 100);
  EXPECT_EQ(config.occlusion.schedule.epochs, 10);
  EXPECT_EQ(config.flows.network.blocks, 8);
  EXPECT_EQ(config.flows.dequantisation_noise, 0);
  EXPECT_EQ(config.sampler.sigma, 0.2);
  EXPECT_EQ(config.lifters.groups, (std::vector<std::string>{"legs_torso", "left_right"}));
  EXPECT_FALSE(config.include_root);
}

TEST(RunConfig, RejectsContradictions) {
  RunConfig config = Valid();
  config.lifters.schedule.batch = 255;
  EXPECT_THAT(Complaint(config),
              AllOf(HasSubstr("lifters.schedule.batch"), HasSubstr("even"), HasSubstr("255")));
  config = Valid();
  config.data.bone_ratios = BoneRatioSource::kValues;
  config.data.bone_ratio_values = {1, 2, 3};
  EXPECT_THAT(Complaint(config), AllOf(HasSubstr("data.bone_ratio_values"), HasSubstr("16"), HasSubstr("3")));
  config.data.bone_ratio_values.resize(16, 1.0);
  EXPECT_EQ(Complaint(config), "");
  config.data.bone_ratios = BoneRatioSource::kTraining;
  EXPECT_THAT(Complaint(config), HasSubstr("data.bone_ratio_values"));
  config = Valid();
  config.data.bone_ratios = BoneRatioSource::kFile;
  EXPECT_THAT(Complaint(config), HasSubstr("data.bone_ratio_file"));
  config = Valid();
  config.data.bone_ratio_file = "/poses.h5";
  EXPECT_THAT(Complaint(config), HasSubstr("data.bone_ratio_file"));
  config = Valid();
  config.data.partial = true;
  EXPECT_EQ(Complaint(config), "");
  config.lifters.supervision = Supervision::k3d;
  EXPECT_THAT(Complaint(config), HasSubstr("data.partial"));
  config = Valid();
  config.lifters.groups = {};
  EXPECT_THAT(Complaint(config), HasSubstr("lifters.groups"));
  config.lifters.groups = {"full", "full"};
  EXPECT_THAT(Complaint(config), HasSubstr("lifters.groups"));
}

TEST(RunConfig, LiftersNeedTheFlowsOfTheirSegments) {
  RunConfig config = Valid();
  config.flows.segments = {Segment::kLegs, Segment::kLeft, Segment::kRight};
  EXPECT_THAT(Complaint(config),
              AllOf(HasSubstr("flows.segments"), HasSubstr("torso"), HasSubstr("legs_torso")));
  config.lifters.groups = {"left_right", "full"};
  EXPECT_EQ(Complaint(config), "");
  config.flows.segments = {};
  EXPECT_THAT(Complaint(config), HasSubstr("left_right"));
  config.lifters.supervision = Supervision::k3d;
  EXPECT_EQ(Complaint(config), "");
  config.flows.segments = {Segment::kLegs, Segment::kLegs};
  EXPECT_THAT(Complaint(config), HasSubstr("twice"));
}

TEST(RunConfig, AWholePoseNeedsTheLiftersOfItsMean) {
  RunConfig config = Valid();
  config.lifters.whole_pose = WholePose::kMean;
  EXPECT_EQ(Complaint(config), "");
  config.lifters.whole_pose = WholePose::kMeanFull;
  EXPECT_THAT(Complaint(config), AllOf(HasSubstr("lifters.whole_pose"), HasSubstr("full")));
  config.lifters.groups = {"legs_torso", "left_right", "full"};
  EXPECT_EQ(Complaint(config), "");
  config.lifters.groups = {"full"};
  EXPECT_THAT(Complaint(config), AllOf(HasSubstr("lifter of legs"), HasSubstr("lifter of right")));
  config.lifters.whole_pose = WholePose::kLegsTorso;  // of no account without these lifters
  EXPECT_EQ(Complaint(config), "");
}

TEST(RunConfig, ATeacherOfTheSidesIsTrainedBesideThem) {
  RunConfig config = Valid();
  config.lifters.sides_teacher = SidesTeacher::kLegsTorso;
  config.flows.segments = {Segment::kLegs, Segment::kTorso};
  EXPECT_EQ(Complaint(config), "") << "no flow judges the sides";
  config.lifters.sides_teacher = SidesTeacher::kLegsTorsoFull;
  EXPECT_THAT(Complaint(config), AllOf(HasSubstr("lifters.sides_teacher"), HasSubstr("lifter of full")));
  config.lifters.groups = {"legs_torso", "full"};
  EXPECT_THAT(Complaint(config), HasSubstr("expected left_right in lifters.groups"));
  config.lifters.groups = {"legs_torso", "left_right", "full"};
  EXPECT_EQ(Complaint(config), "");
  config.lifters.supervision = Supervision::k3d;
  EXPECT_THAT(Complaint(config), HasSubstr("supervision: none"));
}

TEST(RunConfig, VirtualViewsNeedElevationsThatWereLearned) {
  RunConfig config = Valid();
  config.occlusion.loss->rotation = CopyRotation::kVirtualView;
  EXPECT_EQ(Complaint(config), "");
  config.lifters.supervision = Supervision::k3d;
  EXPECT_THAT(Complaint(config), HasSubstr("occlusion.loss.rotation: expected lifters.supervision: none"));
  EXPECT_THAT(Complaint(config), Not(HasSubstr("completion.loss.rotation")));
  config.completion.loss->rotation = CopyRotation::kVirtualView;
  EXPECT_THAT(Complaint(config), HasSubstr("completion.loss.rotation: expected lifters.supervision: none"));
}

TEST(RunConfig, ReportsEveryContradictionAtOnce) {
  RunConfig config;
  config.flows.schedule.batch = 3;
  config.occlusion.schedule.batch = 5;
  config.lifters.groups = {};
  EXPECT_THAT(Complaint(config), AllOf(HasSubstr("data.training"), HasSubstr("flows.schedule.batch"),
                                       HasSubstr("occlusion.schedule.batch"), HasSubstr("lifters.groups")));
}

TEST(RunConfig, SurvivesARoundTripThroughYaml) {
  RunConfig config = Valid();
  config.seed = 9007199254740991;
  config.lifters.schedule.learning_rate = 1.0 / 3;
  config.sampler.sigma = 0.1;
  config.data.training_selection.subjects = {"S1", "no"};
  RunConfig read;
  ReadStoredConfig(WriteConfig(config), "config.yaml", read);
  EXPECT_EQ(read.seed, config.seed);
  EXPECT_EQ(read.lifters.schedule.learning_rate, 1.0 / 3);
  EXPECT_EQ(read.sampler.sigma, 0.1);
  EXPECT_EQ(read.data.training_selection.subjects, config.data.training_selection.subjects);
  EXPECT_EQ(WriteConfig(read), WriteConfig(config));
}

TEST(ScheduleOptions, ALargerBatchScalesTheLearningRate) {
  ScheduleOptions schedule{.batch = 256, .learning_rate = 2e-4};
  EXPECT_EQ(schedule.StepPoses(), 256);
  EXPECT_DOUBLE_EQ(schedule.StepLearningRate(), 2e-4);
  schedule.batch_multiplier = 16;
  EXPECT_EQ(schedule.StepPoses(), 4096);
  EXPECT_DOUBLE_EQ(schedule.StepLearningRate(), 32e-4);
  schedule.lr_scaling = LrScaling::kSquareRoot;
  EXPECT_DOUBLE_EQ(schedule.StepLearningRate(), 8e-4);
  schedule.lr_scaling = LrScaling::kNone;
  EXPECT_DOUBLE_EQ(schedule.StepLearningRate(), 2e-4);
}

}  // namespace
}  // namespace links
