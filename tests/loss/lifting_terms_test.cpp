#include "links/loss/lifting_terms.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <functional>

#include "links/dataset/normalisation.h"
#include "links/geometry/bones.h"
#include "links/skeleton/skeleton.h"
#include "links/synthetic/synthetic.h"
#include "support/plain_poses.h"

namespace links {
namespace {

using namespace test;

const FrontMargins kMargins;

// Poses about as large as real ones, root at the origin: (6, 17, 3) float64.
torch::Tensor RandomPoses(uint64_t seed) {
  torch::manual_seed(seed);
  torch::Tensor poses = 0.5 * torch::randn({6, kJoints, 3}, torch::kFloat64);
  poses.select(1, kRoot).zero_();
  return poses;
}

torch::Tensor RandomKeypoints64() {
  return RandomPoses(3).narrow(2, 0, 2) / 10;
}

torch::Tensor Ratios() {
  return torch::tensor(std::vector<double>(kHuman36mBoneRatios.begin(), kHuman36mBoneRatios.end()),
                       torch::kFloat64);
}

// Real poses in normalised units: (N, 17, 3).
torch::Tensor PlausiblePoses() {
  const PoseData data = Synthesize({.poses = 2000, .seed = 5});
  return RootCentredJoints(data).to(torch::kFloat64) / Normalisation::Of(data).mm_per_unit;
}

TEST(PoseTerms, AgreeWithPlainLoops) {
  const torch::Tensor a = RandomPoses(1), b = RandomPoses(2), keypoints = RandomKeypoints64();
  const Poses pa = ToPlain(a), pb = ToPlain(b);
  EXPECT_NEAR(Consistency3d(a, b).item<double>(), PlainConsistency3d(pa, pb), 1e-12);
  EXPECT_NEAR(Reprojection2d(a, keypoints).item<double>(), PlainReprojection2d(pa, ToPlain(keypoints)),
              1e-12);
  EXPECT_NEAR(Deformation(a, b, false).item<double>(), PlainDeformation(pa, pb, false), 1e-12);
  EXPECT_NEAR(Deformation(a, b, true).item<double>(), PlainDeformation(pa, pb, true), 1e-12);
  const double bones = PlainBoneLengths(pa, kHuman36mBoneRatios);
  EXPECT_NEAR(BoneLengths(a, Ratios(), false).item<double>(), bones, 1e-12);
  EXPECT_NEAR(BoneLengths(a, Ratios(), true).item<double>(), bones / 16, 1e-12);
  // The tensor code adds 1e-4 to the lengths it divides by.
  EXPECT_NEAR(FrontPrior(a, kMargins).item<double>(), PlainFrontPrior(pa, kMargins.knee, kMargins.facing),
              1e-2);
}

TEST(PoseTerms, AgreementPullsEachCompositionToTheMeanThatStays) {
  const torch::Tensor poses =
      torch::stack({RandomPoses(5), RandomPoses(6), RandomPoses(7)}).requires_grad_(true);
  const torch::Tensor distances = Agreement(poses);
  distances.sum().backward();
  const torch::Tensor fixed = poses.detach(), mean = (fixed[0] + fixed[1] + fixed[2]) / 3;
  for (int64_t p = 0; p < 3; ++p) {
    const torch::Tensor away = fixed[p] - mean;
    double expected = 0;
    for (int64_t b = 0; b < away.size(0); ++b) {
      const double distance = std::sqrt(away[b].square().sum().item<double>());
      expected += distance / static_cast<double>(away.size(0));
      EXPECT_TRUE(poses.grad()[p][b].allclose(away[b] / distance / away.size(0), 1e-6, 1e-9));
    }
    EXPECT_NEAR(distances[p].item<double>(), expected, 1e-6);
  }
  const torch::Tensor same = torch::zeros_like(poses).requires_grad_(true);
  Agreement(same).sum().backward();
  EXPECT_TRUE(same.grad().isfinite().all().item<bool>());
}

TEST(PoseTerms, VanishOnPerfectPoses) {
  const torch::Tensor pose = RandomPoses(1);
  const torch::Tensor keypoints = pose.narrow(2, 0, 2) / (pose.narrow(2, 2, 1) + 10);
  EXPECT_EQ(Consistency3d(pose, pose).item<double>(), 0);
  EXPECT_EQ(Reprojection2d(pose, keypoints).item<double>(), 0);
  EXPECT_NEAR(Deformation(pose, pose + 0.25, false).item<double>(), 0, 1e-12)
      << "pairs moved alike are not deformed";
  EXPECT_EQ(BoneLengths(pose[0].unsqueeze(0), RelativeBoneLengths(pose)[0], false).item<double>(), 0);
}

TEST(PoseTerms, BoneLengthsDoNotDependOnScale) {
  const torch::Tensor pose = RandomPoses(1);
  EXPECT_NEAR(BoneLengths(7 * pose, Ratios(), false).item<double>(),
              BoneLengths(pose, Ratios(), false).item<double>(), 1e-12);
}

TEST(FrontPrior, TellsTheSignOfDepth) {
  const torch::Tensor pose = PlausiblePoses();
  const torch::Tensor flat = pose * torch::tensor({1.0, 1.0, 0.0}, torch::kFloat64);
  const torch::Tensor mirror = pose * torch::tensor({1.0, 1.0, -1.0}, torch::kFloat64);
  EXPECT_LT(FrontPrior(pose, kMargins).item<double>(), 0.15) << "legs may be nearly straight";
  EXPECT_NEAR(FrontPrior(flat, kMargins).item<double>(), 1.1, 0.1);
  EXPECT_GT(FrontPrior(mirror, kMargins).item<double>(), 2);
}

TEST(FrontPrior, IsTheMeanOverPosesOfWhatPlainLoopsGive) {
  const torch::Tensor pose = PlausiblePoses() * torch::tensor({1.0, 1.0, -1.0}, torch::kFloat64);
  EXPECT_NEAR(FrontPrior(pose, kMargins).item<double>(),
              PlainFrontPrior(ToPlain(pose), kMargins.knee, kMargins.facing), 0.02);
}

// The largest difference between the gradient and central differences.
double GradientError(const std::function<torch::Tensor(const torch::Tensor&)>& term,
                     const torch::Tensor& at) {
  const torch::Tensor x = at.clone().requires_grad_(true);
  term(x).backward();
  const torch::Tensor gradient = x.grad().flatten();
  double worst = 0;
  for (int64_t i = 0; i < at.numel(); ++i) {
    const double step = 1e-6;
    torch::Tensor above = at.clone(), below = at.clone();
    above.view(-1)[i] += step;
    below.view(-1)[i] -= step;
    const double slope = (term(above).item<double>() - term(below).item<double>()) / (2 * step);
    worst = std::max(worst, std::abs(slope - gradient[i].item<double>()));
  }
  return worst;
}

TEST(PoseTerms, GradientsAgreeWithFiniteDifferences) {
  const torch::Tensor a = RandomPoses(1), b = RandomPoses(2), keypoints = RandomKeypoints64();
  using T = const torch::Tensor&;
  EXPECT_LT(GradientError([&](T x) { return Consistency3d(x, b); }, a), 1e-7);
  EXPECT_LT(GradientError([&](T x) { return Consistency3d(b, x); }, a), 1e-7);
  EXPECT_LT(GradientError([&](T x) { return Reprojection2d(x, keypoints); }, a), 1e-7);
  EXPECT_LT(GradientError([&](T x) { return Deformation(x, b, false); }, a), 1e-7);
  EXPECT_LT(GradientError([&](T x) { return Deformation(b, x, true); }, a), 1e-7);
  EXPECT_LT(GradientError([&](T x) { return BoneLengths(x, Ratios(), false); }, a), 1e-7);
  EXPECT_LT(GradientError([&](T x) { return FrontPrior(x, kMargins); }, a), 1e-6);
}

TEST(FrontPrior, HasAFiniteGradientOnAStraightLegAndAFlatPose) {
  torch::Tensor pose = RandomPoses(1);
  pose.select(1, kRKnee).copy_((pose.select(1, kRHip) + pose.select(1, kRAnkle)) / 2);
  for (torch::Tensor x :
       {pose, pose * torch::tensor({1.0, 1.0, 0.0}, torch::kFloat64), torch::zeros_like(pose)}) {
    x = x.clone().requires_grad_(true);
    FrontPrior(x, kMargins).backward();
    EXPECT_TRUE(x.grad().isfinite().all().item<bool>());
  }
}

}  // namespace
}  // namespace links
