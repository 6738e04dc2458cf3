#include "links/evaluation/depth_signs.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <array>
#include <cmath>

#include "links/dataset/normalisation.h"
#include "links/skeleton/skeleton.h"
#include "links/synthetic/synthetic.h"

namespace links {
namespace {

torch::Tensor TruePoses() {
  return RootCentredJoints(Synthesize({.poses = 500, .seed = 7}));
}

TEST(DepthSigns, TellTruePosesFromTheirMirrorImages) {
  const torch::Tensor poses = TruePoses();
  const torch::Tensor mirrored = poses * torch::tensor({1.f, 1.f, -1.f});
  const DepthSigns right = DepthSignsOf(poses), wrong = DepthSignsOf(mirrored);
  EXPECT_GT(right.knees_forward, 0.95);
  EXPECT_LT(wrong.knees_forward, 0.05);
  // Both are mirrored together: hips and shoulders still agree, and so do the sides.
  EXPECT_NEAR(right.facing_alike, wrong.facing_alike, 1e-12);
  EXPECT_LT(right.asymmetry, 1e-3);
  EXPECT_NEAR(right.asymmetry, wrong.asymmetry, 1e-6);
}

TEST(DepthSigns, AMirroredUpperBodyFacesAway) {
  torch::Tensor poses = TruePoses();
  for (int joint = kSpine; joint < kJoints; ++joint) poses.select(1, joint).select(1, 2).neg_();
  const DepthSigns signs = DepthSignsOf(poses);
  EXPECT_GT(signs.knees_forward, 0.5);
  EXPECT_LT(signs.facing_alike, DepthSignsOf(TruePoses()).facing_alike - 0.3);
}

TEST(DepthSigns, AsymmetryIsTheShareByHand) {
  // The left forearm one and a half times as long: |1 - 1.5| / 1.25 of one pair in six.
  torch::Tensor poses = TruePoses();
  poses.select(1, kLWrist).add_(0.5 * (poses.select(1, kLWrist) - poses.select(1, kLElbow)));
  EXPECT_NEAR(DepthSignsOf(poses).asymmetry - DepthSignsOf(TruePoses()).asymmetry, 0.4 / 6, 1e-3);
}

TEST(DepthSigns, StraightLegsSayNothing) {
  torch::Tensor pose = TruePoses().narrow(0, 0, 1).clone();
  for (const auto& [hip, knee, ankle] : {std::array{1, 2, 3}, std::array{4, 5, 6}})
    pose.select(1, knee).copy_(0.5 * (pose.select(1, hip) + pose.select(1, ankle)));
  EXPECT_TRUE(std::isnan(DepthSignsOf(pose).knees_forward));
}

TEST(DepthSigns, DisagreementIsTheMeanDistance) {
  const torch::Tensor poses = TruePoses();
  EXPECT_NEAR(Disagreement(poses, poses + torch::tensor({3.f, 0.f, 4.f})), 5, 1e-4);
}

}  // namespace
}  // namespace links
