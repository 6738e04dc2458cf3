#include "links/evaluation/named_lifting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "links/core/error.h"
#include "links/evaluation/occlusion_evaluation.h"
#include "support/temporary_folder.h"
#include "support/tiny_scored.h"

namespace links {
namespace {

using namespace test;
using testing::HasSubstr;

class NamedLiftingTest : public TinyScoredTest {
 protected:
  NamedLiftingTest() : TinyScoredTest(kPoses, /*noise_mm=*/1) {}
  NamedLifting Lift(const std::string& name) {
    return LiftNamed(lifters_, &fillers_, &completion_, ParseLiftingName(name), keypoints_);
  }

  static constexpr int64_t kPoses = 40;
};

// What is written or drawn under a name is what the evaluation scored under it, of every row that it has.
TEST_F(NamedLiftingTest, IsWhatAnEvaluationScores) {
  const GroundTruth truth(data_);
  std::vector<Result> results = EvaluateRun(lifters_, &fillers_, &completion_, keypoints_, truth, 600);
  const std::vector<Result> patterns = EvaluatePatterns(
      lifters_, &fillers_, completion_, {{"pair/RAnkle+LWrist", {kRAnkle, kLWrist}}, {"LWrist", {kLWrist}}},
      keypoints_, truth, 600);
  const std::vector<Result> random =
      EvaluateRandom(lifters_, completion_, 0, 3, kOcclusionSeed, keypoints_, truth, 600);
  results.insert(results.end(), patterns.begin(), patterns.end());
  results.insert(results.end(), random.begin(), random.end());
  int rows = 0;
  for (const Result& result : results) {
    if (result.joints != "all") continue;
    const std::string name =
        result.filler == "none" ? result.composition : result.filler + ":" + result.scenario;
    const auto scored = truth.Score(Lift(name).joints * 600, "", "", "", {AllJoints()});
    EXPECT_NEAR(scored[0].metrics.pa_mpjpe, result.metrics.pa_mpjpe, 1e-4) << name;
    EXPECT_NEAR(scored[0].metrics.n_mpjpe, result.metrics.n_mpjpe, 1e-4) << name;
    ++rows;
  }
  EXPECT_EQ(rows, 5 + static_cast<int>(Scenarios().size()) * 3 + 3 +
                      1);  // compositions; scenarios; wrist twice, across once; random
}

TEST_F(NamedLiftingTest, SaysWhatWasSeen) {
  const torch::Tensor seen = Lift("o2d:left_arm").seen;
  ASSERT_EQ(seen.sizes(), (std::vector<int64_t>{kPoses, kJoints}));
  for (int joint = 0; joint < kJoints; ++joint) {
    const bool hidden = joint == kLShoulder || joint == kLElbow || joint == kLWrist;
    EXPECT_EQ(seen[3][joint].item<bool>(), !hidden);
  }
  EXPECT_EQ(Lift("legs_torso").seen.sum().item<int64_t>(), kPoses * kJoints);
  EXPECT_EQ(Lift("mask:random_2_2").seen.sum().item<int64_t>(), kPoses * (kJoints - 2));
}

TEST_F(NamedLiftingTest, WhatTheRunLacksIsAWrongCall) {
  for (const char* wrong :
       {"", "arms", "o3d:", "o4d:left_arm", "o2d:LWrist", "mask:Wing", "mask:random_0_17",
        "mask:Hip+RHip+RKnee+RAnkle+LHip+LKnee+LAnkle+Spine+Thorax+Head+HeadTop+LShoulder+LElbow+LWrist"}) {
    EXPECT_THROW(Lift(wrong), UsageError) << wrong;
  }
  EXPECT_THAT(MessageOf([&] { Lift("arms"); }), HasSubstr("legs_torso, left_core"));
  EXPECT_THROW(LiftNamed(lifters_, nullptr, nullptr, ParseLiftingName("o3d:left_arm"), keypoints_),
               UsageError);
  EXPECT_THROW(LiftNamed(lifters_, nullptr, nullptr, ParseLiftingName("mask:left_arm"), keypoints_),
               UsageError);
}

}  // namespace
}  // namespace links
