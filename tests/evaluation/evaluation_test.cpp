#include "links/evaluation/evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "evaluation/known_truth.h"
#include "links/core/error.h"
#include "support/tiny_networks.h"

namespace links {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::Field;

std::vector<Result> Score(const GroundTruth& truth, const torch::Tensor& predicted,
                          const std::vector<JointSubset>& subsets = {AllJoints()}) {
  return truth.Score(predicted, "predictions", "none", "none", subsets);
}

TEST(GroundTruth, PerfectPredictionsHaveNoError) {
  const torch::Tensor joints = RandomJoints(6);
  const std::vector<Result> results = Score(GroundTruth(TruthOf(joints)), joints);
  ASSERT_EQ(results.size(), 1u);
  const Metrics& metrics = results[0].metrics;
  EXPECT_EQ(metrics.poses, 6);
  EXPECT_EQ(metrics.rejected, 0);
  for (double error :
       {metrics.mpjpe, metrics.n_mpjpe, metrics.n_mpjpe_lsq, metrics.pa_mpjpe, metrics.pa_mpjpe_reflection}) {
    EXPECT_NEAR(error, 0, 1e-2);
  }
  for (double share : {metrics.n_pck, metrics.n_pck_14, metrics.pck_14}) EXPECT_EQ(share, 100);
}

TEST(GroundTruth, APredictionMayLieAnywhere) {
  const torch::Tensor joints = RandomJoints(6);
  EXPECT_NEAR(Score(GroundTruth(TruthOf(joints)), joints + 1000)[0].metrics.mpjpe, 0, 1e-2);
}

TEST(GroundTruth, SplitsByAction) {
  const torch::Tensor joints = RandomJoints(4);
  PoseData data = TruthOf(joints);
  data.action = {"Walking", "Eating", "Walking", "Walking"};
  // Walking: one of 17 joints is off by 34 mm, 0 mm and 68 mm; Eating: by 17 mm.
  torch::Tensor predicted = joints.clone();
  predicted.select(1, 13).select(1, 0) += torch::tensor({34.0, 17.0, 0.0, 68.0});
  const std::vector<Result> results = Score(GroundTruth(data, {{"action", data.action, true}}), predicted);
  ASSERT_THAT(results, ElementsAre(Field(&Result::group, "all"), Field(&Result::group, "Eating"),
                                   Field(&Result::group, "Walking"), Field(&Result::group, "mean")));
  EXPECT_NEAR(results[0].metrics.mpjpe, (2 + 1 + 0 + 4) / 4.0, 1e-3);
  EXPECT_NEAR(results[1].metrics.mpjpe, 1, 1e-3);
  EXPECT_NEAR(results[2].metrics.mpjpe, (2 + 0 + 4) / 3.0, 1e-3);
  EXPECT_EQ(results[1].metrics.poses, 1);
  EXPECT_EQ(results[2].metrics.poses, 3);
  // The actions weigh the same, however many poses they have.
  EXPECT_NEAR(results[3].metrics.mpjpe, (1 + 2) / 2.0, 1e-3);
  EXPECT_EQ(results[3].metrics.poses, 4);
}

TEST(GroundTruth, AveragesOverTheJointsOfASubset) {
  const torch::Tensor joints = RandomJoints(4);
  torch::Tensor predicted = joints.clone();
  predicted.select(1, 13).select(1, 1) += 30;
  const std::vector<Result> results =
      Score(GroundTruth(TruthOf(joints)), predicted, {{"visible", {0, 1, 2}}, {"occluded", {11, 12, 13}}});
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].joints, "visible");
  EXPECT_NEAR(results[0].metrics.mpjpe, 0, 1e-3);
  EXPECT_EQ(results[1].joints, "occluded");
  EXPECT_NEAR(results[1].metrics.mpjpe, 10, 1e-3);
}

TEST(GroundTruth, NeedsJointsAndAsManyPredictions) {
  PoseData without = TruthOf(RandomJoints(4));
  without.joints_3d.clear();
  EXPECT_THROW(GroundTruth{without}, Error);
  EXPECT_THROW(Score(GroundTruth(TruthOf(RandomJoints(4))), RandomJoints(3)), Error);
}

// Scores of lifters against their own legs + torso poses.
class EvaluateRunTest : public testing::Test {
 protected:
  std::vector<Result> Evaluate(const std::vector<Segment>& segments, bool with_fillers) {
    PoseLifters lifters = TinyLifters(segments);
    Fillers fillers = TinyFillers();
    const torch::Tensor joints = LiftAll(lifters, keypoints_)[0].joints;
    return EvaluateRun(lifters, with_fillers ? &fillers : nullptr, nullptr, keypoints_,
                       GroundTruth(TruthOf(600 * joints)), 600);
  }

  torch::Tensor keypoints_ = RandomKeypoints(5);
};

TEST_F(EvaluateRunTest, ScoresEveryCompositionInMillimetres) {
  const std::vector<Result> results = Evaluate({kSegments.begin(), kSegments.end()}, false);
  std::vector<std::string> compositions;
  for (const Result& result : results) {
    compositions.push_back(result.composition);
    EXPECT_EQ(result.scenario + result.filler + result.joints + result.group, "nonenoneallall");
    EXPECT_EQ(result.metrics.poses, 5);
    if (result.composition != "legs_torso") {
      EXPECT_GT(result.metrics.mpjpe, 1) << result.composition;
    }
  }
  EXPECT_THAT(compositions, ElementsAre("legs_torso", "left_core", "right_core", "mean", "full", "flat"));
  EXPECT_NEAR(results[0].metrics.mpjpe, 0, 1e-2);
}

TEST_F(EvaluateRunTest, ScoresEveryScenarioWithBothFillersOverThreeSetsOfJoints) {
  const std::vector<Result> results =
      Evaluate({Segment::kLegs, Segment::kTorso, Segment::kLeft, Segment::kRight}, true);
  ASSERT_EQ(results.size(), 5u + Scenarios().size() * 2 * 3);
  size_t i = 5;
  for (const Scenario& scenario : Scenarios()) {
    for (const char* filler : {"o2d", "o3d"}) {
      const Result &all = results[i], &visible = results[i + 1], &occluded = results[i + 2];
      for (const Result* result : {&all, &visible, &occluded}) {
        EXPECT_EQ(result->scenario, scenario.name);
        EXPECT_EQ(result->filler, filler);
        EXPECT_EQ(result->composition, "legs_torso");
      }
      EXPECT_EQ(all.joints + visible.joints + occluded.joints, "allvisibleoccluded");
      // All 17 joints are the visible ones, the root among them, and the occluded ones.
      const auto missing = static_cast<double>(scenario.missing.size());
      EXPECT_NEAR(17 * all.metrics.mpjpe,
                  (17 - missing) * visible.metrics.mpjpe + missing * occluded.metrics.mpjpe, 1e-2);
      EXPECT_GT(occluded.metrics.mpjpe, 1) << scenario.name << " " << filler;
      i += 3;
    }
  }
}

TEST_F(EvaluateRunTest, LeavesOutWhatTheLiftersCannotSee) {
  const std::vector<Result> results = Evaluate({Segment::kLegs, Segment::kTorso}, true);
  for (const Result& result : results) {
    if (result.filler != "o3d") continue;
    EXPECT_TRUE(result.scenario == "both_legs" || result.scenario == "full_torso") << result.scenario;
  }
  EXPECT_EQ(results.size(), 2u + Scenarios().size() * 3 + 2 * 3);
}

}  // namespace
}  // namespace links
