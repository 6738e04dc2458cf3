#include "links/loss/supervised_loss.h"

#include <gtest/gtest.h>
#include <torch/optim/adam.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <map>

#include "links/geometry/camera.h"
#include "links/skeleton/units.h"
#include "support/tiny_networks.h"

namespace links {
namespace {

using namespace test;

TEST(SupervisedTargets, HaveTheSizeOfTheKeypoints) {
  torch::manual_seed(1);
  torch::Tensor joints = 300 * torch::randn({4, kJoints, 3}, torch::kFloat64);
  joints.select(1, kRoot).zero_();
  // Scaled orthography: x, y in normalised units are the joints' times a scale of each pose, over c.
  const torch::Tensor scale = torch::tensor({0.001, 0.002, 0.003, 0.004}, torch::kFloat64).view({4, 1, 1});
  const torch::Tensor keypoints = scale * joints.narrow(-1, 0, 2) / kRootDepth;
  EXPECT_TRUE(torch::allclose(SupervisedTargets(keypoints, joints), scale * joints));
  // The scale is the least-squares one: no other is nearer.
  const torch::Tensor noisy = keypoints + 0.01 * torch::randn_like(keypoints);
  const auto misfit = [&](double factor) {
    return (factor * SupervisedTargets(noisy, joints).narrow(-1, 0, 2) / kRootDepth - noisy)
        .square()
        .sum({1, 2});
  };
  for (double factor : {0.99, 1.01}) {
    EXPECT_TRUE((misfit(factor) > misfit(1)).all().item<bool>()) << factor;
  }
}

TEST(SupervisedTargets, APoseWithoutExtentGivesNumbers) {
  const torch::Tensor joints = torch::zeros({1, kJoints, 3});
  EXPECT_TRUE(SupervisedTargets(RandomKeypoints(1), joints).isfinite().all().item<bool>());
}

TEST(SupervisedLoss, IsTheMeanDistanceSummedOverTheComposedPoses) {
  PoseLifters lifters = TinyLifters({kSegments.begin(), kSegments.end()});
  const torch::Tensor keypoints = RandomKeypoints(5);
  torch::manual_seed(2);
  const torch::Tensor targets = torch::randn({5, kJoints, 3});
  const std::map<std::string, std::vector<Composition>> groups = {
      {"legs_torso", {LegsTorso()}}, {"left_right", {LeftCore(), RightCore()}}, {"full", {FullPose()}}};
  std::map<std::string, double> expected;
  for (const auto& [name, compositions] : groups) {
    for (const Composition& composition : compositions) {
      const torch::Tensor lifted = lifters->LiftPose(composition, keypoints);
      for (int64_t b = 0; b < 5; ++b) {
        for (int64_t j = 0; j < kJoints; ++j) {
          double squared = 0;
          for (int64_t k = 0; k < 3; ++k) {
            squared += std::pow((lifted[b][j][k] - targets[b][j][k]).item<double>(), 2);
          }
          expected[name] += std::sqrt(squared) / (5 * kJoints);
        }
      }
    }
  }
  // One group, then several, in any order.
  for (const std::vector<std::string>& names : std::vector<std::vector<std::string>>{
           {"legs_torso"}, {"left_right"}, {"full"}, {"left_right", "full", "legs_torso"}}) {
    std::vector<LifterGroup> some;
    double sum = 0;
    for (const std::string& name : names) some.push_back(FindLifterGroup(name)), sum += expected[name];
    const StepLoss loss = SupervisedLoss(some)(lifters, keypoints, targets);
    EXPECT_NEAR(loss.total.item<double>(), sum, 1e-4);
    ASSERT_EQ(loss.terms.size(), names.size());
    for (size_t i = 0; i < names.size(); ++i) {
      EXPECT_EQ(loss.terms[i].first, names[i] + "/distance_3d");
      EXPECT_NEAR(loss.terms[i].second.item<double>(), expected[names[i]], 1e-4) << names[i];
      EXPECT_FALSE(loss.terms[i].second.requires_grad());
    }
  }
}

TEST(SupervisedLoss, TeachesATinyLifter) {
  PoseLifters lifters = TinyLifters({Segment::kFull});
  const torch::Tensor keypoints = RandomKeypoints(32);
  const torch::Tensor targets = SupervisedTargets(
      keypoints,
      torch::cat({keypoints, keypoints.sum(-1, true)}, -1));  // depth can be read off the keypoints
  torch::optim::Adam adam(lifters->parameters(), 0.01);
  const SupervisedLoss loss({FindLifterGroup("full")});
  const double before = loss(lifters, keypoints, targets).total.item<double>();
  for (int step = 0; step < 300; ++step) {
    adam.zero_grad();
    loss(lifters, keypoints, targets).total.backward();
    adam.step();
  }
  EXPECT_LT(loss(lifters, keypoints, targets).total.item<double>(), 0.5 * before);
}

}  // namespace
}  // namespace links
