#include "links/completion/joint_states.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <set>

#include "links/occlusion/scenario.h"
#include "support/tiny_networks.h"

namespace links {
namespace {

using namespace test;

torch::Tensor Without(const std::vector<int>& missing, int64_t poses) {
  torch::Tensor seen = torch::ones({poses, kJoints}, torch::kBool);
  for (int joint : missing) seen.select(1, joint).fill_(false);
  return seen;
}

class LiftSeenTest : public testing::Test {
 protected:
  PoseLifters lifters_ = TinyLifters({Segment::kLegs, Segment::kTorso, Segment::kLeft, Segment::kRight});
  torch::Tensor keypoints_ = RandomKeypoints(4);
  torch::NoGradGuard no_grad_;
};

TEST_F(LiftSeenTest, AWholePoseIsLegsAndTorso) {
  const SeenPoses poses = LiftSeen(lifters_, keypoints_, Without({}, 4));
  EXPECT_TRUE(poses.lifted.all().item<bool>());
  EXPECT_TRUE(poses.joints.equal(lifters_->LiftPose(LegsTorso(), keypoints_)));
}

TEST_F(LiftSeenTest, ThePapersScenariosAreItsRearrangedLifters) {
  for (const Scenario& scenario : Scenarios()) {
    // Garbage where nothing is seen must not matter.
    torch::Tensor keypoints = keypoints_.clone();
    for (int joint : scenario.missing) keypoints.select(1, joint).fill_(1e3);
    const SeenPoses poses = LiftSeen(lifters_, keypoints, Without(scenario.missing, 4));
    const torch::Tensor expected = lifters_->LiftPose(scenario.visible, keypoints_);
    std::set<int> known = {kRoot};
    for (int joint : scenario.Known()) known.insert(joint);
    for (int joint = 0; joint < kJoints; ++joint) {
      EXPECT_EQ(poses.lifted.select(1, joint).all().item<bool>(), known.contains(joint))
          << scenario.name << joint;
      const torch::Tensor found = poses.joints.select(1, joint);
      const torch::Tensor wanted =
          known.contains(joint) ? expected.select(1, joint) : torch::zeros_like(found);
      EXPECT_TRUE(found.equal(wanted)) << scenario.name << " joint " << joint;
    }
  }
}

TEST_F(LiftSeenTest, EveryPoseOfABatchHasItsOwnPattern) {
  torch::manual_seed(5);
  const torch::Tensor seen = torch::rand({4, kJoints}) < 0.9;
  const SeenPoses together = LiftSeen(lifters_, keypoints_, seen);
  for (int64_t i = 0; i < 4; ++i) {
    const SeenPoses alone = LiftSeen(lifters_, keypoints_.narrow(0, i, 1), seen.narrow(0, i, 1));
    EXPECT_TRUE(torch::allclose(alone.joints[0], together.joints[i], 1e-5, 1e-6)) << i;
    EXPECT_TRUE(alone.lifted[0].equal(together.lifted[i])) << i;
  }
}

TEST_F(LiftSeenTest, AJointOfABrokenLimbIsSeenButNotLifted) {
  // Left wrist and right ankle: the paper cannot lift what is left, since every lifter lacks a joint of both
  // sides but none of its segments is whole.
  const SeenPoses poses = LiftSeen(lifters_, keypoints_, Without({kLWrist, kRAnkle}, 4));
  EXPECT_EQ(poses.lifted.sum().item<int64_t>(), 4) << "only the root";
  EXPECT_EQ(poses.seen.sum().item<int64_t>(), 4 * (kJoints - 2));
}

}  // namespace
}  // namespace links
