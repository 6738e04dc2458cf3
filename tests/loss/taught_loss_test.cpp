#include "links/loss/taught_loss.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

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
  const StepLoss loss = TaughtLoss({LegsTorso(), FullPose()}, 0)(lifters, keypoints);
  EXPECT_NEAR(loss.total.item<double>(), expected, 1e-4);
  ASSERT_EQ(loss.terms.size(), 1u);
  EXPECT_EQ(loss.terms[0].first, "left_right/distance_3d");
}

TEST(TaughtLoss, ACopyIsTheTeachersPoseTurnedAndSeenAnew) {
  PoseLifters lifters = TinyLifters(kAll);
  const torch::Tensor keypoints = RandomKeypoints(5);
  const torch::Tensor taught = lifters->LiftPose(LegsTorso(), keypoints);
  torch::manual_seed(8);
  const torch::Tensor share = torch::rand({5});  // of a turn
  torch::Tensor view = torch::empty({5, kJoints, 2}), turned = torch::empty({5, kJoints, 3});
  for (int64_t b = 0; b < 5; ++b) {
    const double angle = (2 * share[b].item<double>() - 1) * std::numbers::pi;
    for (int64_t j = 0; j < kJoints; ++j) {
      const double x = taught[b][j][0].item<double>(), z = taught[b][j][2].item<double>();
      const double y = taught[b][j][1].item<double>();
      const double beside = std::cos(angle) * x + std::sin(angle) * z;
      const double depth = std::cos(angle) * z - std::sin(angle) * x;
      turned[b][j][0] = beside;
      turned[b][j][1] = y;
      turned[b][j][2] = depth;
      view[b][j][0] = beside / (depth + kRootDepth);
      view[b][j][1] = y / (depth + kRootDepth);
    }
  }
  double expected = 0;  // the mean over the poses and their copies, the sum of both compositions
  for (const Composition& side : {LeftCore(), RightCore()}) {
    expected += (lifters->LiftPose(side, keypoints) - taught).norm(2, -1).mean().item<double>() / 2;
    expected += (lifters->LiftPose(side, view) - turned).norm(2, -1).mean().item<double>() / 2;
  }
  torch::manual_seed(8);
  const StepLoss loss = TaughtLoss({LegsTorso()}, 1)(lifters, keypoints);
  EXPECT_NEAR(loss.total.item<double>(), expected, 1e-4);
  torch::manual_seed(9);
  EXPECT_GT(std::abs(TaughtLoss({LegsTorso()}, 1)(lifters, keypoints).total.item<double>() - expected), 1e-4);
}

TEST(TaughtLoss, TheTeacherLearnsNothing) {
  PoseLifters lifters = TinyLifters(kAll);
  TaughtLoss({LegsTorso(), FullPose()}, 1)(lifters, RandomKeypoints(6)).total.backward();
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
