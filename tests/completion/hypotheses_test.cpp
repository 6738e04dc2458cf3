#include "links/completion/hypotheses.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "links/completion/mask_bank.h"
#include "links/geometry/camera.h"
#include "support/tiny_networks.h"

namespace links {
namespace {

using namespace test;

constexpr int64_t kPoses = 60;

class HypothesesTest : public testing::Test {
 protected:
  HypothesesTest() {
    torch::manual_seed(21);
    completion_ = Completion(CompletionOptions{.width = 16, .blocks = 1, .root_width = 8});
    completion_->Fit(lifters_->LiftPose(LegsTorso(), keypoints_), keypoints_);
    for (torch::Tensor& parameter : completion_->parameters())
      parameter.add_(0.1 * torch::randn_like(parameter));
  }

  CompletedPoses Answer() { return CompletePoses(lifters_, completion_, keypoints_, seen_); }
  Hypotheses Others(const Perturbations& perturbations, const SpreadFactors& factors = {1, 1, 1}) {
    return OtherAnswers(lifters_, completion_, keypoints_, seen_, Answer(), perturbations, factors);
  }

  torch::NoGradGuard no_grad_;
  PoseLifters lifters_ = TinyLifters({Segment::kLegs, Segment::kTorso, Segment::kLeft, Segment::kRight});
  torch::Tensor keypoints_ = RandomKeypoints(kPoses);
  torch::Tensor seen_ = DrawMasks(kPoses, MaskShares{}, 4);
  Completion completion_{nullptr};
};

TEST_F(HypothesesTest, WithoutPerturbationTheAnswerIsTheSame) {
  const Perturbations none = {torch::zeros({1, kJoints, 2}), torch::zeros({1, kJoints}, torch::kBool)};
  const Hypotheses others = Others(none);
  EXPECT_TRUE(torch::allclose(others.joints[0], Answer().joints, 1e-4, 1e-5));
  EXPECT_LT(others.deviation.max().item<double>(), 1e-4);
}

// The second answer is left*'s, of keypoints with its own noise; what is not seen is guessed from less.
TEST_F(HypothesesTest, AgreeWithTheCompletionsOfChangedKeypoints) {
  const Perturbations two = DrawPerturbations(2, torch::kCPU);
  const SpreadFactors factors = {0.5, 2, 3};
  const CompletedPoses answer = Answer();
  const Hypotheses others = Others(two, factors);
  const torch::Tensor noisy = keypoints_ + two.noise[1];
  const torch::Tensor seen_joints = CompletePoses(lifters_, completion_, noisy, seen_, {LeftCore()}).joints;
  const torch::Tensor fewer = seen_.logical_and(two.hidden[1].logical_not());
  const torch::Tensor guesses = CompletePoses(lifters_, completion_, noisy, fewer, {LeftCore()}).joints;
  int lifted = 0, ray = 0, guessed = 0;
  for (int64_t i = 0; i < kPoses; ++i) {
    for (int64_t j = 1; j < kJoints; ++j) {
      const bool seen = seen_[i][j].item<bool>();
      const torch::Tensor own = answer.joints[i][j], found = others.joints[1][i][j];
      if (!seen) {
        ++guessed;
        EXPECT_TRUE(torch::allclose(found, own + 3 * (guesses[i][j] - own), 1e-4, 1e-5)) << i << " " << j;
        continue;
      }
      const bool is_lifted = answer.lifted[i][j].item<bool>();
      ++(is_lifted ? lifted : ray);
      const double depth = own[2].item<double>();
      const double other = depth + (is_lifted ? 0.5 : 2) * (seen_joints[i][j][2].item<double>() - depth);
      EXPECT_NEAR(found[2].item<double>(), other, 1e-4) << i << " " << j;
    }
  }
  EXPECT_GT(std::min({lifted, ray, guessed}), 20);
}

TEST_F(HypothesesTest, SeenJointsStayOnTheirRaysAndTheRootAtTheOrigin) {
  const Hypotheses others = Others(DrawPerturbations(4, torch::kCPU));
  const CompletedPoses answer = Answer();
  const torch::Tensor error =
      (Project(others.joints) + answer.root.unsqueeze(1) - keypoints_).norm(2, -1) * seen_;
  EXPECT_LT(error.max().item<double>(), 1e-4);
  EXPECT_EQ(others.joints.select(2, kRoot).abs().max().item<double>(), 0);
}

TEST_F(HypothesesTest, DeviationIsTheRootMeanSquareDistance) {
  const Hypotheses others = Others(DrawPerturbations(5, torch::kCPU));
  const torch::Tensor answer = Answer().joints;
  for (int64_t j = 1; j < kJoints; ++j) {
    double sum = 0;
    for (int64_t h = 0; h < 5; ++h)
      for (int64_t k = 0; k < 3; ++k)
        sum += std::pow(others.joints[h][7][j][k].item<double>() - answer[7][j][k].item<double>(), 2);
    EXPECT_NEAR(others.deviation[7][j].item<double>(), std::sqrt(sum / 5), 1e-5);
  }
}

TEST_F(HypothesesTest, DoNotDependOnWhoIsLiftedAlongNorOnHowManyThereAre) {
  const Perturbations three = DrawPerturbations(3, torch::kCPU);
  const torch::Tensor all = Others(three).joints;
  const torch::Tensor keypoints = keypoints_.narrow(0, 9, 1), seen = seen_.narrow(0, 9, 1);
  const CompletedPoses answer = CompletePoses(lifters_, completion_, keypoints, seen);
  const torch::Tensor alone = OtherAnswers(lifters_, completion_, keypoints, seen, answer,
                                           DrawPerturbations(2, torch::kCPU), {1, 1, 1})
                                  .joints;
  EXPECT_TRUE(torch::allclose(alone.select(1, 0), all.narrow(0, 0, 2).select(1, 9), 1e-4, 1e-5));
}

TEST(Perturbations, LeaveTheRootAndHaveTheDeviationStated) {
  const Perturbations many = DrawPerturbations(2000, torch::kCPU);
  const torch::Tensor body = many.noise.narrow(1, 1, kJoints - 1);
  EXPECT_NEAR(body.std().item<double>(), kHypothesisNoise, 2e-5);
  EXPECT_NEAR(many.hidden.narrow(1, 1, kJoints - 1).to(torch::kFloat32).mean().item<double>(),
              kHypothesisHidden, 0.01);
  EXPECT_EQ(many.noise.select(1, kRoot).abs().max().item<double>(), 0);
  EXPECT_FALSE(many.hidden.select(1, kRoot).any().item<bool>());
}

}  // namespace
}  // namespace links
