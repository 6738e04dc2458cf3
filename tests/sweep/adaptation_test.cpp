#include "links/sweep/adaptation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <filesystem>

#include "links/core/error.h"
#include "links/data/pose_file.h"
#include "links/dataset/normalisation.h"
#include "links/run/trained_run.h"
#include "links/sweep/replay.h"
#include "support/stored_tensors.h"
#include "support/tiny_run.h"

namespace links {
namespace {

using namespace test;
using testing::HasSubstr;

class AdaptationTest : public TinyRunTest {
 protected:
  AdaptationTest() {
    WritePoseFile(folder_ / "poses.h5", Synthesize({.poses = 200, .seed = 4}));
    config_.data.training = {folder_ / "poses.h5"};
    config_.data.bone_ratios = BoneRatioSource::kTraining;
    config_.flows.network.standardise = true;  // so that what hardly trained flows draw is of poses' size
    // Other people at twice the resolution, without 3D.
    PoseData own = Synthesize({.poses = 120, .seed = 9});
    own.joints_3d.clear();
    for (float& px : own.keypoints_2d) px *= 2;
    WritePoseFile(folder_ / "own.h5", own);
    request_.run = folder_ / "run";
    request_.inputs = {folder_ / "own.h5"};
    request_.output = folder_ / "adapted";
    request_.epochs = 2;
    request_.steps = 3;
  }

  void TrainRunToAdapt(const std::vector<std::string>& stages = {"all"}) {
    const RunDirectory directory(folder_ / "run");
    const RunLock lock = directory.Prepare(config_, true, "cpu");
    ASSERT_EQ(TrainRun(config_, directory, stages, torch::kCPU), StageResult::kFinished);
  }

  std::string Message(bool resume = false) {
    try {
      Adapt(request_, resume);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  RunConfig config_ = TinyConfig();
  AdaptRequest request_;
};

TEST_F(AdaptationTest, TrainsFlowsLiftersAndCompletionFurther) {
  TrainRunToAdapt();
  const AdaptResult result = Adapt(request_, false);
  EXPECT_EQ(result.result, StageResult::kFinished);
  const RunDirectory adapted(request_.output), source(request_.run);
  EXPECT_THAT(adapted.StoredStages(),
              testing::ElementsAre("completion", "full_flow", "lifters", "segment_flows"));
  for (const std::string& stage : adapted.StoredStages()) {
    const auto from = StoredTensors(source.CheckpointPath(stage)),
               to = StoredTensors(adapted.CheckpointPath(stage));
    bool moved = false;
    for (const auto& [name, tensor] : to) {
      if (name.find("standardise") != std::string::npos && name.find("lifters") != std::string::npos) {
        EXPECT_TRUE(tensor.equal(from.at(name))) << name << ": the network goes on seeing what it knows";
      }
      moved = moved || !tensor.equal(from.at(name));
    }
    EXPECT_TRUE(moved) << stage;
  }
  // Held-out likelihoods of five flows and the signs of depth, before and after.
  ASSERT_GT(result.values.size(), 5u);
  EXPECT_EQ(result.values[0].name, "full/nll_held_out");
  EXPECT_TRUE(std::isfinite(result.values[0].before) && std::isfinite(result.values[0].after));
  EXPECT_NE(result.values[0].before, result.values[0].after);
  EXPECT_THAT(result.Text(), HasSubstr("legs_torso/knees_forward"));
}

TEST_F(AdaptationTest, TheNewRunNeedsNoFileBesideItsOwn) {
  TrainRunToAdapt();
  Adapt(request_, false);
  const RunConfig config = RunDirectory(request_.output).ReadStoredConfig();
  for (const auto* files : {&config.data.training, &config.data.validation})
    for (const std::string& file : *files) EXPECT_THAT(file, HasSubstr("adapted/data/"));
  EXPECT_EQ(config.data.scale, ScaleOf::kSource) << "the detections have a resolution of their own";
  const PoseData own = ReadPoseFile(config.data.training[1]),
                 held_out = ReadPoseFile(config.data.validation[0]);
  EXPECT_EQ(own.size() + held_out.size(), 120);
  EXPECT_GT(held_out.size(), 0);
}

TEST_F(AdaptationTest, AnInterruptedOneGoesOnToTheSameWeights) {
  TrainRunToAdapt({"flows", "lifters"});
  Adapt(request_, false);
  const std::string whole = request_.output;
  request_.output = folder_ / "interrupted";
  std::raise(SIGTERM);
  EXPECT_EQ(Adapt(request_, false).result, StageResult::kInterrupted);
  CatchStopSignals();
  EXPECT_THAT(Message(), HasSubstr("--resume"));
  EXPECT_EQ(Adapt(request_, true).result, StageResult::kFinished);
  for (const char* stage : {"full_flow", "segment_flows", "lifters"}) {
    EXPECT_TRUE(SameTensors(RunDirectory(whole).CheckpointPath(stage),
                            RunDirectory(request_.output).CheckpointPath(stage)))
        << stage;
  }
}

TEST_F(AdaptationTest, WhatIsMissingIsSaidBeforeAnythingIsTrained) {
  EXPECT_THAT(Message(), HasSubstr("config.yaml"));
  TrainRunToAdapt({"flows"});
  EXPECT_THAT(Message(), HasSubstr("lifters is finished"));
}

TEST_F(AdaptationTest, PosesOfTheRunStandForTrainingFilesThatAreGone) {
  TrainRunToAdapt();
  std::filesystem::rename(folder_ / "poses.h5", folder_ / "moved.h5");
  request_.mix = folder_ / "moved.h5";
  EXPECT_EQ(Message(), "no error");
  const PoseData named = ReadPoseFile(request_.output + "/data/mix.h5");
  EXPECT_EQ(named.size(), 200);

  request_.mix.clear();
  request_.output = folder_ / "replayed";
  EXPECT_EQ(Message(), "no error");
  const PoseData drawn = ReadPoseFile(request_.output + "/data/mix.h5");
  EXPECT_GT(drawn.size(), 1000);
  EXPECT_EQ(RunDirectory(request_.output).ReadStoredConfig().data.bone_ratios, BoneRatioSource::kFile)
      << "the lifters' own";
}

TEST_F(AdaptationTest, ReplayedPosesAreTheFlowsWithTheLiftersDepths) {
  TrainRunToAdapt({"flows", "lifters"});
  const std::string run = folder_ / "run";
  const PoseData poses = ReplayPoses(run, 60, 3, torch::kCPU);
  EXPECT_LE(poses.size(), 60);
  ASSERT_GT(poses.size(), 20);
  EXPECT_EQ(ReplayPoses(run, 60, 3, torch::kCPU).keypoints_2d, poses.keypoints_2d);
  EXPECT_NE(ReplayPoses(run, 60, 4, torch::kCPU).keypoints_2d, poses.keypoints_2d);
  CheckPoses(poses, "replayed");  // as a file of ground truth would be

  TrainedRun trained = LoadRun(RunDirectory(run), torch::kCPU, {kFullFlow, kLifters});
  const torch::Tensor keypoints = trained.normalisation.Keypoints(poses);
  const torch::NoGradGuard no_grad;
  const torch::Tensor joints = RootCentredJoints(poses),
                      lifted = trained.networks.lifters->LiftPose(LegsTorso(), keypoints);
  EXPECT_LT((joints - lifted * trained.normalisation.mm_per_unit).abs().max().item<double>(), 0.5) << "mm";
}

TEST(AdaptResult, SaysWhenTheFlowsGotWorse) {
  AdaptResult result;
  result.values = {
      {"full/nll_held_out", -10, -12}, {"legs/nll_held_out", -3, -2.5}, {"disagreement", 0.1, 0.2}};
  EXPECT_THAT(result.Warning(), HasSubstr("(legs)"));
  result.values[1].after = -3.5;
  EXPECT_EQ(result.Warning(), "");
}

}  // namespace
}  // namespace links
