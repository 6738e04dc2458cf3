#include "links/completion/completion.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "links/completion/mask_bank.h"
#include "links/geometry/camera.h"
#include "links/loss/completion_loss.h"
#include "support/tiny_networks.h"

namespace links {
namespace {

using namespace test;

class CompletionTest : public testing::Test {
 protected:
  CompletionTest() {
    torch::manual_seed(21);
    completion_ = Completion(CompletionOptions{.width = 16, .blocks = 1, .root_width = 8});
    const torch::NoGradGuard no_grad;
    completion_->Fit(lifters_->LiftPose(LegsTorso(), keypoints_), keypoints_);
    for (torch::Tensor& parameter : completion_->parameters())
      parameter.add_(0.1 * torch::randn_like(parameter));
  }

  PoseLifters lifters_ = TinyLifters({Segment::kLegs, Segment::kTorso, Segment::kLeft, Segment::kRight});
  torch::Tensor keypoints_ = RandomKeypoints(200);
  Completion completion_{nullptr};
};

TEST_F(CompletionTest, WhatIsSeenReprojects) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor seen = DrawMasks(200, MaskShares{}, 4);
  const CompletedPoses done = CompletePoses(lifters_, completion_, keypoints_, seen);
  EXPECT_TRUE(done.joints.isfinite().all().item<bool>());
  // Every joint seen, whatever its state, projects to its keypoint; an estimated root shifts them all.
  const torch::Tensor error = (Project(done.joints) + done.root.unsqueeze(1) - keypoints_).norm(2, -1);
  EXPECT_LT((error * seen).max().item<double>(), 1e-4);
  EXPECT_GT((error * seen.logical_not()).max().item<double>(), 1e-3) << "unseen joints are free";
  // The root is the origin.
  EXPECT_EQ(done.joints.select(1, kRoot).abs().max().item<double>(), 0);
  const torch::Tensor root_seen = seen.select(1, kRoot);
  EXPECT_EQ((done.root.norm(2, -1) * root_seen).max().item<double>(), 0);
  EXPECT_GT((done.root.norm(2, -1) * root_seen.logical_not()).max().item<double>(), 0);
}

TEST_F(CompletionTest, AWholePoseIsWhatTheLiftersSay) {
  const torch::NoGradGuard no_grad;
  const CompletedPoses done =
      CompletePoses(lifters_, completion_, keypoints_, torch::ones({200, kJoints}, torch::kBool));
  EXPECT_TRUE(torch::allclose(done.joints, lifters_->LiftPose(LegsTorso(), keypoints_)));
  EXPECT_TRUE(done.lifted.all().item<bool>());
}

TEST_F(CompletionTest, AWholePoseIsTheMeanOfTheCompositionsChosen) {
  const torch::NoGradGuard no_grad;
  lifters_->SetWholePose(WholePose::kMean);
  torch::Tensor seen = torch::ones({200, kJoints}, torch::kBool);
  seen[1][kLWrist] = false;
  const torch::Tensor joints = CompletePoses(lifters_, completion_, keypoints_, seen).joints;
  const torch::Tensor mean =
      (lifters_->LiftPose(LegsTorso(), keypoints_) + lifters_->LiftPose(LeftCore(), keypoints_) +
       lifters_->LiftPose(RightCore(), keypoints_)) /
      3;
  EXPECT_TRUE(torch::allclose(joints[0], mean[0], 1e-4, 1e-5));
  // Where a joint is missing the first look is by segments, as ever.
  const SeenPoses first = LiftSeen(lifters_, keypoints_, seen);
  EXPECT_TRUE(
      torch::allclose(first.joints[1][kLKnee], lifters_->LiftPose(LegsTorso(), keypoints_)[1][kLKnee]));
}

TEST_F(CompletionTest, SeenJointsAreTheMeanOfTheTwoLooks) {
  const torch::NoGradGuard no_grad;
  torch::Tensor seen = torch::ones({200, kJoints}, torch::kBool);
  seen.select(1, kLWrist).fill_(false);
  const torch::Tensor first = completion_->forward(LiftSeen(lifters_, keypoints_, seen));
  torch::Tensor filled = keypoints_.clone();
  filled.select(1, kLWrist).copy_(Project(first).select(1, kLWrist));
  const torch::Tensor second = lifters_->LiftPose(LegsTorso(), filled);
  const torch::Tensor joints = CompletePoses(lifters_, completion_, keypoints_, seen).joints;
  for (int joint = 0; joint < kJoints; ++joint) {
    const torch::Tensor expected =
        joint == kLWrist ? first.select(1, joint) : (first.select(1, joint) + second.select(1, joint)) / 2;
    EXPECT_TRUE(torch::allclose(joints.select(1, joint), expected, 1e-5, 1e-6)) << joint;
  }
}

TEST_F(CompletionTest, WhatIsUnseenDoesNotMatter) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor seen = DrawMasks(200, MaskShares{}, 6);
  const torch::Tensor other = torch::where(seen.unsqueeze(-1), keypoints_, torch::full_like(keypoints_, 7.5));
  const CompletedPoses one = CompletePoses(lifters_, completion_, keypoints_, seen);
  const CompletedPoses two = CompletePoses(lifters_, completion_, other, seen);
  EXPECT_TRUE(torch::allclose(one.joints, two.joints, 1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(one.root, two.root, 1e-4, 1e-6));
}

TEST_F(CompletionTest, TheRootFollowsTheImage) {
  const torch::NoGradGuard no_grad;
  torch::Tensor seen = DrawMasks(200, MaskShares{}, 7);
  seen.select(1, kRoot).fill_(false);
  const torch::Tensor shift = torch::tensor({0.3, -0.2});
  const torch::Tensor here = completion_->EstimateRoot(keypoints_, seen);
  const torch::Tensor there = completion_->EstimateRoot(keypoints_ + shift, seen);
  EXPECT_TRUE(torch::allclose(there, here + shift, 1e-4, 1e-5));
}

TEST_F(CompletionTest, FitTakesTheBonesOfTheImage) {
  double length = 0;
  for (int64_t i = 0; i < 200; ++i) {
    const double dx = (keypoints_[i][13][0] - keypoints_[i][12][0]).item<double>();
    const double dy = (keypoints_[i][13][1] - keypoints_[i][12][1]).item<double>();
    length += std::hypot(dx, dy) / 200;
  }
  EXPECT_NEAR(completion_->bone_lengths[12].item<double>(), length, 1e-5);  // bone 12 is LElbow to LWrist
}

TEST_F(CompletionTest, LossIsTheErrorOfWhatIsNotLifted) {
  const torch::Tensor keypoints = keypoints_.narrow(0, 0, 8);
  const torch::Tensor seen = DrawMasks(8, MaskShares{}, 5);
  torch::Tensor with_root = seen.clone();
  with_root.select(1, kRoot).fill_(true);
  const torch::NoGradGuard no_grad;
  const torch::Tensor truth = lifters_->LiftPose(LegsTorso(), keypoints);
  const SeenPoses poses = LiftSeen(lifters_, keypoints, with_root);
  const torch::Tensor done = completion_->forward(poses);
  for (const JointError error : {JointError::kDistance, JointError::kSquared}) {
    double joints = 0, root = 0;
    for (int64_t b = 0; b < 8; ++b) {
      for (int64_t j = 0; j < kJoints; ++j) {
        if (poses.lifted[b][j].item<bool>()) continue;
        const double distance = (done[b][j] - truth[b][j]).norm().item<double>();
        joints += (error == JointError::kSquared ? distance * distance : distance) / 8;
      }
      // The true root is (0, 0); the estimate counts in body units.
      root += 100 * completion_->EstimateRoot(keypoints, seen)[b].square().sum().item<double>() / 8;
    }
    CompletionLossOptions options;
    options.rotated_copies = 0;
    options.error = error;
    options.root = 3;
    const StepLoss loss = CompletionLoss(options)(completion_, lifters_, keypoints, seen);
    EXPECT_NEAR(loss.terms[0].second.item<double>(), joints, 1e-4 * joints) << static_cast<int>(error);
    EXPECT_NEAR(loss.terms[1].second.item<double>(), root, 1e-4 * root) << static_cast<int>(error);
    EXPECT_NEAR(loss.total.item<double>(), joints + 3 * root, 1e-4 * (joints + 3 * root))
        << static_cast<int>(error);
  }
}

// The joint of the same name on the other side.
int OtherSide(int joint) {
  std::string name(kJointNames[joint]);
  if (name[0] == 'L' || name[0] == 'R') name[0] = name[0] == 'L' ? 'R' : 'L';
  return static_cast<int>(std::ranges::find(kJointNames, name) - kJointNames.begin());
}

// Of each pose: about the camera's y axis by a uniform angle, or levelled by the mean elevation of legs and
// torso, turned, and seen from about as high as the batch was. Draws as the loss does.
std::vector<Eigen::Matrix3d> RotationsByHand(PoseLifters& lifters, const torch::Tensor& keypoints,
                                             CopyRotation rotation) {
  const auto about = [](double angle, const Eigen::Vector3d& axis) {
    return Eigen::AngleAxisd(angle, axis).toRotationMatrix();
  };
  const int64_t batch = keypoints.size(0);
  const torch::Tensor elevation =
      lifters->Lift(keypoints, {Segment::kLegs, Segment::kTorso}).elevation.mean(0);
  const double mean = elevation.mean().item<double>(), deviation = elevation.std().item<double>();
  const bool views = rotation == CopyRotation::kVirtualView;
  const torch::Tensor turn = 2 * torch::rand({batch}) - 1, normal = views ? torch::randn({batch}) : turn;
  std::vector<Eigen::Matrix3d> rotations;
  for (int64_t b = 0; b < batch; ++b) {
    const Eigen::Matrix3d about_y =
        about(std::numbers::pi * turn[b].item<double>(), Eigen::Vector3d::UnitY());
    const Eigen::Matrix3d back = about(deviation * normal[b].item<double>() - mean, Eigen::Vector3d::UnitX());
    const Eigen::Matrix3d level = about(elevation[b].item<double>(), Eigen::Vector3d::UnitX());
    rotations.push_back(views ? back * about_y * level : about_y);
  }
  return rotations;
}

TEST_F(CompletionTest, TheRotatedAndMirroredCopyIsTheOneByHand) {
  constexpr int64_t kBatch = 16;
  const torch::NoGradGuard no_grad;
  const torch::Tensor keypoints = keypoints_.narrow(0, 0, kBatch);
  const torch::Tensor seen = DrawMasks(kBatch, MaskShares{}, 5);
  torch::Tensor with_root = seen.clone();
  with_root.select(1, kRoot).fill_(true);
  const torch::Tensor truth = lifters_->LiftPose(LegsTorso(), keypoints);
  const SeenPoses poses = LiftSeen(lifters_, keypoints, with_root);

  std::vector<double> totals;
  for (const CopyRotation rotation : {CopyRotation::kAzimuth, CopyRotation::kVirtualView}) {
    torch::manual_seed(9);
    const std::vector<Eigen::Matrix3d> rotations = RotationsByHand(lifters_, keypoints, rotation);
    const torch::Tensor draws = torch::rand({kBatch});
    SeenPoses copy{torch::zeros_like(poses.keypoints), poses.seen.clone(), torch::zeros_like(poses.joints),
                   poses.lifted.clone()};
    torch::Tensor true_copy = torch::zeros_like(truth);
    int mirrored_poses = 0;
    for (int64_t b = 0; b < kBatch; ++b) {
      const bool mirrored = draws[b].item<double>() < 0.5;
      mirrored_poses += mirrored ? 1 : 0;
      for (int64_t j = 0; j < kJoints; ++j) {
        const int64_t from = mirrored ? OtherSide(static_cast<int>(j)) : j;
        const auto place = [&](const torch::Tensor& at) {
          const Eigen::Vector3d point(at[0].item<double>(), at[1].item<double>(), at[2].item<double>());
          Eigen::Vector3d placed = rotations[static_cast<size_t>(b)] * point;
          if (mirrored) placed[0] = -placed[0];
          return placed;
        };
        const Eigen::Vector3d of_truth = place(truth[b][from]), of_pose = place(poses.joints[b][from]);
        for (int64_t k = 0; k < 3; ++k) {
          true_copy[b][j][k] = of_truth[k];
          copy.joints[b][j][k] = of_pose[k];
          if (k < 2 && with_root[b][from].item<bool>())
            copy.keypoints[b][j][k] = of_truth[k] / (of_truth[2] + 10);
        }
        copy.seen[b][j] = poses.seen[b][from];
        copy.lifted[b][j] = poses.lifted[b][from];
      }
    }
    ASSERT_GT(mirrored_poses, 0);
    ASSERT_LT(mirrored_poses, kBatch);
    const auto error = [&](const SeenPoses& shown, const torch::Tensor& target) {
      const torch::Tensor distance = (completion_->forward(shown) - target).norm(2, -1);
      return (distance * shown.lifted.logical_not()).sum().item<double>() / kBatch;
    };
    const double expected = error(poses, truth) + error(copy, true_copy);
    torch::manual_seed(9);
    CompletionLossOptions options;
    options.rotated_copies = 1;
    options.rotation = rotation;
    options.mirrored = true;
    const StepLoss loss = CompletionLoss(options)(completion_, lifters_, keypoints, seen);
    EXPECT_NEAR(loss.terms[0].second.item<double>(), expected, 1e-4 * expected);
    totals.push_back(expected);
  }
  EXPECT_GT(std::abs(totals[0] - totals[1]), 1e-3 * totals[0]);
}

TEST_F(CompletionTest, RotatedAndMirroredCopiesAddUpAndTeachEveryWeight) {
  Freeze(*lifters_);
  const torch::Tensor seen = DrawMasks(200, MaskShares{}, 5);
  const auto loss = [&](int64_t copies, bool mirrored) {
    torch::manual_seed(1);
    CompletionLossOptions options;
    options.rotated_copies = copies;
    options.mirrored = mirrored;
    return CompletionLoss(options)(completion_, lifters_, keypoints_, seen);
  };
  const double one = loss(0, false).terms[0].second.item<double>();
  EXPECT_GT(loss(2, false).terms[0].second.item<double>(), 2 * one);
  EXPECT_GT(loss(2, true).terms[0].second.item<double>(), 2 * one);
  EXPECT_NE(loss(1, true).terms[0].second.item<double>(), loss(1, false).terms[0].second.item<double>());
  loss(1, true).total.backward();
  for (const auto& item : completion_->named_parameters()) {
    EXPECT_GT(item.value().grad().abs().max().item<double>(), 0) << item.key();
  }
}

}  // namespace
}  // namespace links
