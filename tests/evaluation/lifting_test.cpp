#include "links/evaluation/lifting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "links/core/error.h"
#include "support/difference.h"
#include "support/tiny_networks.h"

namespace links {
namespace {

using namespace test;
using testing::ElementsAre;

const std::vector<Segment> kAll = {kSegments.begin(), kSegments.end()};

std::vector<std::string> Names(const std::vector<LiftedPoses>& all) {
  std::vector<std::string> names;
  for (const LiftedPoses& lifted : all) names.push_back(lifted.composition);
  return names;
}

std::vector<std::string> NamesOf(const std::vector<Segment>& segments) {
  PoseLifters lifters = TinyLifters(segments);
  return Names(LiftAll(lifters, RandomKeypoints(3)));
}

TEST(LiftAll, GivesWhatTheLiftersAllowInAFixedOrder) {
  using S = Segment;
  EXPECT_THAT(NamesOf(kAll), ElementsAre("legs_torso", "left_core", "right_core", "mean", "full", "flat"));
  EXPECT_THAT(NamesOf({S::kLegs, S::kTorso, S::kLeft, S::kRight}),
              ElementsAre("legs_torso", "left_core", "right_core", "mean", "flat"));
  EXPECT_THAT(NamesOf({S::kLegs, S::kTorso}), ElementsAre("legs_torso", "flat"));
  EXPECT_THAT(NamesOf({S::kLeft, S::kRight, S::kFull}),
              ElementsAre("left_core", "right_core", "full", "flat"));
}

TEST(LiftAll, LiftsEachCompositionAndTheMeanOfTheThree) {
  PoseLifters lifters = TinyLifters(kAll);
  const torch::Tensor keypoints = RandomKeypoints(3);
  const std::vector<LiftedPoses> all = LiftAll(lifters, keypoints);
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(all[0].joints.equal(lifters->LiftPose(LegsTorso(), keypoints)));
  EXPECT_TRUE(all[1].joints.equal(lifters->LiftPose(LeftCore(), keypoints)));
  EXPECT_TRUE(all[2].joints.equal(lifters->LiftPose(RightCore(), keypoints)));
  EXPECT_TRUE(all[4].joints.equal(lifters->LiftPose(FullPose(), keypoints)));
  for (int64_t b = 0; b < 3; ++b)
    for (int64_t j = 0; j < kJoints; ++j)
      for (int64_t k = 0; k < 3; ++k) {
        const auto at = [&](size_t i) { return all[i].joints[b][j][k].item<double>(); };
        EXPECT_NEAR(at(3), (at(0) + at(1) + at(2)) / 3, 1e-6);
      }
}

TEST(LiftAll, LeftAndRightCoreDifferInTheCoreAlone) {
  PoseLifters lifters = TinyLifters(kAll);
  const std::vector<LiftedPoses> all = LiftAll(lifters, RandomKeypoints(3));
  for (int64_t joint = 0; joint < kJoints; ++joint) {
    const bool core = joint >= 7 && joint <= 10;
    EXPECT_EQ(all[1].joints.select(1, joint).equal(all[2].joints.select(1, joint)), !core)
        << "joint " << joint;
  }
}

TEST(LiftAll, FlatLiesInThePlaneOfTheRoot) {
  PoseLifters lifters = TinyLifters(kAll);
  const torch::Tensor keypoints = RandomKeypoints(3);
  const torch::Tensor flat = LiftAll(lifters, keypoints).back().joints;
  EXPECT_TRUE(flat.select(2, 2).eq(0).all().item<bool>());
  EXPECT_TRUE(flat.narrow(2, 0, 2).allclose(10 * keypoints));
}

TEST(LiftAll, LiftsMorePosesThanOneChunk) {
  PoseLifters lifters = TinyLifters({Segment::kLegs, Segment::kTorso});
  const torch::Tensor keypoints = RandomKeypoints(16384 + 5);
  const torch::Tensor joints = LiftAll(lifters, keypoints)[0].joints;
  ASSERT_EQ(joints.size(0), 16384 + 5);
  EXPECT_FALSE(joints.requires_grad());
  // Products of another shape round otherwise; a depth is what is left of about 10.
  const torch::Tensor alone = lifters->LiftPose(LegsTorso(), keypoints.narrow(0, 16380, 9));
  EXPECT_TRUE(joints.narrow(0, 16380, 9).allclose(alone, 1e-5, 1e-5));
}

class LiftOccluded : public testing::Test {
 protected:
  // The keypoints with the scenario's missing joints anywhere.
  torch::Tensor Hidden(const Scenario& scenario) const {
    torch::Tensor hidden = keypoints_.clone();
    for (int joint : scenario.missing) hidden.select(1, joint) += 0.3;
    return hidden;
  }

  PoseLifters lifters_ = TinyLifters(kAll);
  Fillers fillers_ = TinyFillers();
  torch::Tensor keypoints_ = RandomKeypoints(4);
};

TEST_F(LiftOccluded, NothingDependsOnWhatIsMissing) {
  for (const Scenario& scenario : Scenarios()) {
    const torch::Tensor hidden = Hidden(scenario);
    EXPECT_TRUE(LiftOccluded3d(lifters_, fillers_, scenario, hidden)
                    .equal(LiftOccluded3d(lifters_, fillers_, scenario, keypoints_)))
        << scenario.name;
    EXPECT_TRUE(LiftOccluded2d(lifters_, fillers_, scenario, hidden)
                    .equal(LiftOccluded2d(lifters_, fillers_, scenario, keypoints_)))
        << scenario.name;
  }
}

TEST_F(LiftOccluded, O3dKeepsTheRearrangedLiftersJointsAndFillsTheOthers) {
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < Scenarios().size(); ++i) {
    const Scenario& scenario = Scenarios()[i];
    const torch::Tensor seen = lifters_->LiftPose(scenario.visible, keypoints_);
    const torch::Tensor filled = fillers_->o3d()->forward(seen)[static_cast<int64_t>(i)];
    const torch::Tensor whole = LiftOccluded3d(lifters_, fillers_, scenario, keypoints_);
    for (int joint : scenario.Known()) EXPECT_TRUE(whole.select(1, joint).equal(seen.select(1, joint)));
    for (int joint : scenario.missing)
      EXPECT_LT(Difference(whole.select(1, joint), filled.select(1, joint)), 1e-6) << scenario.name;
  }
}

TEST_F(LiftOccluded, O2dLiftsTheCompletedKeypointsWithLegsAndTorso) {
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < Scenarios().size(); ++i) {
    const Scenario& scenario = Scenarios()[i];
    torch::Tensor completed = keypoints_.clone();
    const torch::Tensor filled = fillers_->o2d()->forward(keypoints_)[static_cast<int64_t>(i)];
    for (int joint : scenario.missing) completed.select(1, joint).copy_(filled.select(1, joint));
    EXPECT_LT(Difference(LiftOccluded2d(lifters_, fillers_, scenario, keypoints_),
                         lifters_->LiftPose(LegsTorso(), completed)),
              1e-5)
        << scenario.name;
  }
}

TEST(PosesAtOnce, FitAQuarterOfTheFreeMemory) {
  constexpr int64_t kGiB = 1 << 30, kPaper = 4 * 4 * 1024 * 4;  // four lifters of the paper's width
  const auto at_once = [](int64_t poses, int64_t free) {
    return PosesAtOnce(poses, kPaper, [&] { return free; });
  };
  EXPECT_EQ(at_once(1'000'000, 70 * kGiB), 65536);
  EXPECT_EQ(at_once(1'000'000, 8 * kGiB), 32768);
  EXPECT_EQ(at_once(1'000'000, kGiB), 4096);
  EXPECT_EQ(at_once(1'000'000, 0), 1024);
  const auto never = []() -> int64_t { throw Error("not to be asked"); };
  EXPECT_EQ(PosesAtOnce(1, kPaper, never), 65536) << "one pose is lifted without a question";
  EXPECT_EQ(PosesAtOnce(1000, kPaper, never), 65536);
}

}  // namespace
}  // namespace links
