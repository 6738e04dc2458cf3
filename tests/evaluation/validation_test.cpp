#include "links/evaluation/validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "links/evaluation/depth_signs.h"
#include "links/evaluation/lifting.h"
#include "links/loss/lifting_loss.h"
#include "links/synthetic/synthetic.h"
#include "support/hide_joints.h"
#include "support/tiny_networks.h"

namespace links {
namespace {

using namespace test;

using Values = std::vector<std::pair<std::string, double>>;

// Rows 0, stride, 2 stride, ... of the data.
PoseData EveryNth(const PoseData& data, int64_t stride) {
  PoseData taken;
  for (int64_t row = 0; row < data.size(); row += stride) {
    for (int64_t i = 0; i < 34; ++i) taken.keypoints_2d.push_back(data.keypoints_2d[row * 34 + i]);
    for (int64_t i = 0; i < 51; ++i) taken.joints_3d.push_back(data.joints_3d[row * 51 + i]);
  }
  return taken;
}

class ValidationTest : public testing::Test {
 protected:
  Values Score(const PoseData& data, int64_t most) {
    return Validation(data, normalisation_, most, torch::kCPU).ScoreLifters(lifters_);
  }
  // Of these the errors.
  Values Errors(const PoseData& data, int64_t most) {
    Values values = Score(data, most);
    std::erase_if(values, [](const auto& value) { return value.first.find("mpjpe") == std::string::npos; });
    return values;
  }

  // What an evaluation of the poses says, under a validation's names.
  Values Evaluated(const PoseData& data) {
    Values values;
    for (const Result& result : EvaluateRun(lifters_, nullptr, nullptr, normalisation_.Keypoints(data),
                                            GroundTruth(data), normalisation_.mm_per_unit)) {
      if (result.composition == "flat" || result.grouping != "all") continue;
      values.emplace_back(result.composition + "/pa_mpjpe", result.metrics.pa_mpjpe);
      values.emplace_back(result.composition + "/pa_mpjpe_reflection", result.metrics.pa_mpjpe_reflection);
      values.emplace_back(result.composition + "/n_mpjpe", result.metrics.n_mpjpe);
    }
    return values;
  }

  PoseData data_ = Synthesize({.poses = 50, .seed = 3});
  Normalisation normalisation_ = Normalisation::Of(data_);
  PoseLifters lifters_ = TinyLifters({Segment::kLegs, Segment::kTorso, Segment::kLeft, Segment::kRight});
};

TEST_F(ValidationTest, ScoresEveryCompositionInThreeMetrics) {
  const Values values = Errors(data_, 1000);
  EXPECT_EQ(values, Evaluated(data_));
  ASSERT_EQ(values.size(), 4u * 3);
  EXPECT_EQ(values[0].first, "legs_torso/pa_mpjpe");
  for (const auto& [name, value] : values) EXPECT_GT(value, 1) << name;
}

TEST_F(ValidationTest, TakesAtMostSoManyPosesEvenly) {
  EXPECT_EQ(Errors(data_, 50), Evaluated(data_));
  EXPECT_EQ(Errors(data_, 49), Evaluated(EveryNth(data_, 2)));
  EXPECT_EQ(Errors(data_, 17), Evaluated(EveryNth(data_, 3)));
  EXPECT_EQ(Errors(data_, 1), Evaluated(EveryNth(data_, 50)));
}

TEST_F(ValidationTest, WithoutTruthTheSignsOfDepthAreTold) {
  PoseData flat = data_;
  flat.joints_3d.clear();
  const Validation validation(flat, normalisation_, 1000, torch::kCPU);
  const Values values = validation.ScoreLifters(lifters_), with_truth = Score(data_, 1000);
  ASSERT_EQ(values.size(), 3u * 3 + 1);
  EXPECT_TRUE(std::equal(values.begin(), values.end(), with_truth.end() - 10))
      << "the same as beside the errors";
  const DepthSigns signs = DepthSignsOf(LiftPoses(lifters_, LegsTorso(), normalisation_.Keypoints(data_)));
  EXPECT_EQ(values[0].first, "legs_torso/knees_forward");
  EXPECT_EQ(values[0].second, signs.knees_forward);
  EXPECT_EQ(values.back().first, "disagreement");
  Fillers fillers = TinyFillers();
  EXPECT_TRUE(validation.ScoreFillers(lifters_, fillers).empty());
}

TEST_F(ValidationTest, FlowsAreScoredByTheLikelihoodOfThePoses) {
  PoseFlows flows = TinyFlows();
  const Validation validation(data_, normalisation_, 1000, torch::kCPU);
  const torch::Tensor keypoints = normalisation_.Keypoints(data_);
  const Values full = validation.ScoreFullFlow(flows), parts = validation.ScoreSegmentFlows(flows);
  ASSERT_EQ(full.size(), 1u);
  const auto nats = [&](Segment segment) {
    return flows->NegativeLogLikelihood({segment}, keypoints).mean().item<double>();
  };
  EXPECT_NEAR(full[0].second, nats(Segment::kFull), 1e-4);
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_EQ(parts[1].first, "torso/nll_held_out");
  EXPECT_NEAR(parts[1].second, nats(Segment::kTorso), 1e-4);
}

TEST_F(ValidationTest, PeopleInPartCountForTheSegmentsThatTheyShow) {
  PoseFlows flows = TinyFlows();
  const torch::Tensor keypoints = normalisation_.Keypoints(data_);
  PoseData some = data_;
  for (int64_t row = 0; row < 20; ++row) HideJoints(some, row, kTorsoJoints);
  for (int64_t row = 20; row < 26; ++row) HideJoints(some, row, kLegJoints);
  const Validation validation(some, normalisation_, 1000, torch::kCPU);
  const auto nats = [&](Segment segment, const torch::Tensor& rows) {
    return flows->NegativeLogLikelihood({segment}, keypoints.index_select(0, rows)).mean().item<double>();
  };
  const auto rows = [](int64_t first, int64_t end) { return torch::arange(first, end, torch::kInt64); };
  const torch::Tensor complete = rows(26, 50);
  const Values parts = validation.ScoreSegmentFlows(flows), full = validation.ScoreFullFlow(flows);
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_NEAR(parts[0].second, nats(Segment::kLegs, torch::cat({rows(0, 20), complete})), 1e-4);
  EXPECT_NEAR(parts[1].second, nats(Segment::kTorso, torch::cat({rows(20, 26), complete})), 1e-4);
  EXPECT_NEAR(parts[2].second, nats(Segment::kLeft, complete), 1e-4);
  EXPECT_NEAR(full[0].second, nats(Segment::kFull, complete), 1e-4);
  // Errors are those of the complete ones.
  PoseData whole = data_;
  whole.keypoints_2d.erase(whole.keypoints_2d.begin(), whole.keypoints_2d.begin() + 26 * 34);
  whole.joints_3d.erase(whole.joints_3d.begin(), whole.joints_3d.begin() + 26 * 51);
  EXPECT_EQ(validation.ScoreLifters(lifters_), Score(whole, 1000));
  normalisation_.mm_per_unit = 0;  // of training without 3D
  EXPECT_EQ(Score(some, 1000), Score(whole, 1000));
  // Nobody is complete.
  for (int64_t row = 26; row < 50; ++row) HideJoints(some, row, kTorsoJoints);
  const Validation legs(some, normalisation_, 1000, torch::kCPU);
  EXPECT_EQ(legs.ScoreSegmentFlows(flows).size(), 2u);
  EXPECT_TRUE(legs.ScoreLifters(lifters_).empty());
  EXPECT_TRUE(legs.ScoreFullFlow(flows).empty());
}

TEST_F(ValidationTest, LossesHeldOutAreThoseOfTheSamePosesEveryTime) {
  PoseFlows flows = TinyFlows();
  const std::vector<double> human(kHuman36mBoneRatios.begin(), kHuman36mBoneRatios.end());
  const torch::Tensor ratios = torch::tensor(human).to(torch::kFloat32);
  const LiftingLoss loss({FindLifterGroup("legs_torso"), FindLifterGroup("left_right")}, LiftingLossOptions(),
                         ratios);
  const Validation validation(data_, normalisation_, 1000, torch::kCPU);
  const auto score = [&] {
    return validation.ScoreLoss([&](const torch::Tensor& poses, const RandomStreams& streams) {
      return loss(lifters_, flows, poses, streams);
    });
  };
  torch::manual_seed(1);
  const torch::Tensor undisturbed = torch::randn({3});
  torch::manual_seed(1);
  const Values once = score();
  EXPECT_TRUE(torch::randn({3}).equal(undisturbed)) << "no number of the training's";
  EXPECT_EQ(score(), once);
  const std::map<std::string, double> values(once.begin(), once.end());
  EXPECT_EQ(values.size(), 1 + 2 * LiftingTerms().size());
  EXPECT_TRUE(values.contains("total_held_out"));
  // A term without rotations, of all 50 poses, by hand.
  const torch::Tensor lifted = LiftPoses(lifters_, LegsTorso(), normalisation_.Keypoints(data_));
  EXPECT_NEAR(values.at("legs_torso/bone_held_out"), BoneLengths(lifted, ratios, false).item<double>(), 1e-4);
  for (const torch::Tensor& parameter : lifters_->parameters()) EXPECT_FALSE(parameter.grad().defined());
}

TEST(MirroredDepth, IsSaidOfBackwardKnees) {
  EXPECT_EQ(MirroredDepth({{"legs_torso/pa_mpjpe", 0.3}, {"legs_torso/knees_forward", 0.9}}), "");
  EXPECT_EQ(MirroredDepth({{"legs_torso/knees_forward", std::nan("")}}), "");
  EXPECT_THAT(MirroredDepth({{"full/knees_forward", 0.114}}),
              testing::HasSubstr("of full only 11 % bend forwards"));
}

TEST_F(ValidationTest, WithoutPosesThereIsNothingToSay) {
  Fillers fillers = TinyFillers();
  const Validation none(PoseData(), normalisation_, 10, torch::kCPU);
  EXPECT_TRUE(none.ScoreLifters(lifters_).empty());
  EXPECT_TRUE(none.ScoreFillers(lifters_, fillers).empty());
  EXPECT_TRUE(none.ScoreLoss([](const torch::Tensor&, const RandomStreams&) { return StepLoss(); }).empty());
}

TEST_F(ValidationTest, TakesTheScaleFromItsOwnPosesWhenTheTrainingSetHasNone) {
  const double with = Score(data_, 50)[2].second;
  normalisation_.mm_per_unit = 0;
  EXPECT_EQ(Score(data_, 50)[2].second, with);
}

TEST_F(ValidationTest, ScoresEveryScenarioWithBothFillers) {
  Fillers fillers = TinyFillers();
  const Values values = Validation(data_, normalisation_, 50, torch::kCPU).ScoreFillers(lifters_, fillers);
  std::map<std::string, double> expected;
  for (const Result& result : EvaluateRun(lifters_, &fillers, nullptr, normalisation_.Keypoints(data_),
                                          GroundTruth(data_), normalisation_.mm_per_unit)) {
    if (result.scenario == "none" || result.joints != "all" || result.grouping != "all") continue;
    expected[result.filler + "/" + result.scenario + "/pa_mpjpe"] = result.metrics.pa_mpjpe;
  }
  EXPECT_EQ(values.size(), 2 * Scenarios().size());
  EXPECT_EQ((std::map<std::string, double>(values.begin(), values.end())), expected);
}

}  // namespace
}  // namespace links
