#include "links/loss/taught_loss.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <Eigen/Geometry>
#include <cmath>
#include <numbers>

#include "links/loss/lifting_loss.h"
#include "links/skeleton/units.h"
#include "support/tiny_networks.h"

namespace links {
namespace {

using namespace test;

const std::vector<Segment> kAll = {kSegments.begin(), kSegments.end()};

// Of each lifter the largest gradient of any weight.
torch::Tensor LargestGradients(PoseLifters& lifters) {
  torch::Tensor largest = torch::zeros({static_cast<int64_t>(lifters->segments().size())});
  for (const torch::Tensor& parameter : lifters->parameters()) {
    if (parameter.grad().defined())
      largest = torch::maximum(largest, parameter.grad().abs().flatten(1).amax(1));
  }
  return largest;
}

TEST(TaughtLoss, IsTheDistanceOfBothFromTheMeanPoseOfTheTeacher) {
  PoseLifters lifters = TinyLifters(kAll);
  const torch::Tensor keypoints = RandomKeypoints(5);
  const torch::Tensor one = lifters->LiftPose(LegsTorso(), keypoints);
  const torch::Tensor other = lifters->LiftPose(FullPose(), keypoints);
  double expected = 0;
  for (const Composition& taught : {LeftCore(), RightCore()}) {
    const torch::Tensor pose = lifters->LiftPose(taught, keypoints);
    for (int64_t b = 0; b < 5; ++b) {
      for (int64_t j = 0; j < kJoints; ++j) {
        // The mean of the depths, on the ray of the keypoint.
        const double depth = (one[b][j][2] + other[b][j][2]).item<double>() / 2 + kRootDepth;
        double squared = std::pow(pose[b][j][2].item<double>() + kRootDepth - depth, 2);
        for (int64_t k = 0; k < 2; ++k) {
          squared += std::pow(pose[b][j][k].item<double>() - keypoints[b][j][k].item<double>() * depth, 2);
        }
        expected += std::sqrt(squared) / (5 * kJoints);
      }
    }
  }
  const StepLoss loss = TaughtLoss({LegsTorso(), FullPose()}, 0, {})(lifters, keypoints);
  EXPECT_NEAR(loss.total.item<double>(), expected, 1e-4);
  ASSERT_EQ(loss.terms.size(), 1u);
  EXPECT_EQ(loss.terms[0].first, "left_right/distance_3d");
}

TEST(TaughtLoss, ACopyIsTheTeachersPoseInAVirtualViewOrItsMirrorImage) {
  PoseLifters lifters = TinyLifters(kAll);
  const torch::Tensor keypoints = RandomKeypoints(5);
  const torch::Tensor taught = lifters->LiftPose(LegsTorso(), keypoints);
  const torch::Tensor elevation =
      lifters->Lift(keypoints, {Segment::kLegs, Segment::kTorso}).elevation.mean(0);
  torch::manual_seed(8);
  const torch::Tensor turn = 2 * torch::rand({1, 5}) - 1, normal = torch::randn({1, 5});
  const torch::Tensor mirrored = torch::rand({1, 5}) < 0.5;
  ASSERT_TRUE(mirrored.any().item<bool>() && !mirrored.all().item<bool>());
  const double mean = elevation.mean().item<double>(), deviation = elevation.std().item<double>();
  torch::Tensor view = torch::empty({5, kJoints, 2}), rotated = torch::empty({5, kJoints, 3});
  for (int64_t b = 0; b < 5; ++b) {
    const auto about = [](double angle, const Eigen::Vector3d& axis) {
      return Eigen::AngleAxisd(angle, axis).toRotationMatrix();
    };
    // Levelled, turned, and seen from about as high as the batch was.
    const Eigen::Matrix3d rotation =
        about(deviation * normal[0][b].item<double>() - mean, Eigen::Vector3d::UnitX()) *
        about(std::numbers::pi * turn[0][b].item<double>(), Eigen::Vector3d::UnitY()) *
        about(elevation[b].item<double>(), Eigen::Vector3d::UnitX());
    for (int64_t j = 0; j < kJoints; ++j) {
      Eigen::Vector3d point;
      for (int64_t k = 0; k < 3; ++k) point[k] = taught[b][j][k].item<double>();
      point = rotation * point;
      int64_t seen = j;
      if (mirrored[0][b].item<bool>()) {
        point[0] = -point[0];
        seen = kOtherSide[static_cast<size_t>(j)];
      }
      for (int64_t k = 0; k < 3; ++k) rotated[b][seen][k] = point[k];
      for (int64_t k = 0; k < 2; ++k) view[b][seen][k] = point[k] / (point[2] + kRootDepth);
    }
  }
  double expected = 0;  // the mean over the poses and their copies, the sum of both compositions
  for (const Composition& side : {LeftCore(), RightCore()}) {
    expected += (lifters->LiftPose(side, keypoints) - taught).norm(2, -1).mean().item<double>() / 2;
    expected += (lifters->LiftPose(side, view) - rotated).norm(2, -1).mean().item<double>() / 2;
  }
  torch::manual_seed(8);
  const double total = TaughtLoss({LegsTorso()}, 1, {})(lifters, keypoints).total.item<double>();
  EXPECT_NEAR(total, expected, 1e-4);
  torch::manual_seed(9);
  const StepLoss other = TaughtLoss({LegsTorso()}, 1, {})(lifters, keypoints);
  EXPECT_GT(std::abs(other.total.item<double>() - expected), 1e-4);
}

TEST(TaughtLoss, NoiseIsOnWhatTheSidesAreGivenAlone) {
  PoseLifters lifters = TinyLifters(kAll);
  const torch::Tensor keypoints = RandomKeypoints(5);
  torch::manual_seed(8);
  const torch::Tensor noise = 0.1 * torch::randn({5, kJoints - 1, 2});
  const torch::Tensor given = keypoints + torch::cat({torch::zeros({5, 1, 2}), noise}, 1);
  double expected = 0;
  for (const Composition& side : {LeftCore(), RightCore()}) {
    // The depths of the noisy keypoints on the rays of the others.
    const torch::Tensor depth = lifters->LiftPose(side, given).select(-1, 2).unsqueeze(-1) + kRootDepth;
    const torch::Tensor pose = torch::cat({keypoints * depth, depth - kRootDepth}, -1);
    expected += (pose - lifters->LiftPose(LegsTorso(), keypoints)).norm(2, -1).mean().item<double>();
  }
  LiftingLossOptions options;
  options.input_noise = 0.1;
  torch::manual_seed(8);
  EXPECT_NEAR(TaughtLoss({LegsTorso()}, 0, options)(lifters, keypoints).total.item<double>(), expected, 1e-4);
}

TEST(TaughtLoss, TheTeacherLearnsNothing) {
  PoseLifters lifters = TinyLifters(kAll);
  TaughtLoss({LegsTorso(), FullPose()}, 1, {})(lifters, RandomKeypoints(6)).total.backward();
  const torch::Tensor largest = LargestGradients(lifters);
  for (const Segment segment : kAll) {
    const bool taught = segment == Segment::kLeft || segment == Segment::kRight;
    EXPECT_EQ(largest[lifters->IndexOf(segment)].item<float>() > 0, taught) << SegmentName(segment);
  }
}

TEST(TaughtLoss, Equation10OfTheOthersIsTheirOwnAlone) {
  const std::vector<Segment> judged = {Segment::kLegs, Segment::kTorso, Segment::kFull};
  const std::vector<LifterGroup> groups = {FindLifterGroup("legs_torso"), FindLifterGroup("full")};
  PoseLifters all = TinyLifters(kAll), some = TinyLifters(judged);
  {
    const torch::NoGradGuard no_grad;
    const torch::Tensor rows =
        torch::tensor({all->IndexOf(judged[0]), all->IndexOf(judged[1]), all->IndexOf(judged[2])});
    const auto of_all = all->named_parameters();
    for (const auto& parameter : some->named_parameters())
      parameter.value().copy_(of_all[parameter.key()].index_select(0, rows));
  }
  PoseFlows flows = TinyFlows();
  Freeze(*flows);
  LiftingLossOptions options;
  options.full_likelihood = 2;
  options.front_prior = 1;
  options.input_noise = 0.01;
  const torch::Tensor ratios = torch::ones(kBones), keypoints = RandomKeypoints(6);
  const LiftingLoss loss(groups, options, ratios);
  torch::manual_seed(3);
  const StepLoss of_all = loss(all, flows, keypoints);
  torch::manual_seed(3);
  const StepLoss of_some = loss(some, flows, keypoints);
  ASSERT_EQ(of_all.terms.size(), of_some.terms.size());
  for (size_t i = 0; i < of_all.terms.size(); ++i) {
    EXPECT_EQ(of_all.terms[i].first, of_some.terms[i].first);
    EXPECT_NEAR(of_all.terms[i].second.item<double>(), of_some.terms[i].second.item<double>(), 1e-3)
        << of_all.terms[i].first;
  }
  of_all.total.backward();
  const torch::Tensor largest = LargestGradients(all);
  for (const Segment side : {Segment::kLeft, Segment::kRight})
    EXPECT_EQ(largest[all->IndexOf(side)].item<float>(), 0) << SegmentName(side);
  EXPECT_GT(largest[all->IndexOf(Segment::kFull)].item<float>(), 0);
}

}  // namespace
}  // namespace links
