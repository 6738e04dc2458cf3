#include "links/flow/sampler.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "flow/random_flow.h"
#include "support/difference.h"

namespace links {
namespace {

using test::Difference;

constexpr int64_t kDraws = 4000;

PoseFlows RandomFlows(bool include_root = false) {
  PoseFlows flows(FlowOptions{3, 16, 1, 2.0, ClampVariant::kTanhOfQuotient, true}, include_root,
                  std::vector<Segment>{});
  test::Randomise(flows->full());
  return flows;
}

torch::Tensor RandomPose(int64_t count) {
  torch::Tensor pose = torch::randn({count, 17, 2}, torch::kFloat64);
  pose.select(1, 0).zero_();
  return pose;
}

torch::Tensor Latent(PoseFlows& flows, const torch::Tensor& pose) {
  const torch::NoGradGuard no_grad;
  return flows->full()->forward(flows->FullInput(pose)).z;
}

// The share (z' - z) / z of eq. 3 is sigma N(0, 1), independent in every latent and every pose.
TEST(Sampler, LatentNoiseHasTheMomentsOfEquation3) {
  torch::manual_seed(1);
  PoseFlows flows = RandomFlows();
  for (double sigma : {0.2, 1.0}) {
    const torch::Tensor pose = RandomPose(1).expand({kDraws, 17, 2});
    const torch::Tensor z = Latent(flows, pose);
    const torch::Tensor z_sampled =
        Latent(flows, SamplePoses(flows, pose, {SamplerMode::kLatentNoise, sigma}));
    const torch::Tensor share = (z_sampled - z) / (sigma * z);
    EXPECT_LT(Difference(share.mean(0), torch::zeros({32})), 5 / std::sqrt(kDraws));
    EXPECT_LT(Difference(share.t().mm(share) / kDraws, torch::eye(32)), 5 * std::sqrt(2.0 / kDraws));
    EXPECT_NEAR(share.pow(4).mean().item<double>(), 3, 0.15);  // normal, not uniform (1.8)
  }
}

TEST(Sampler, EveryPoseIsDrawnNearItself) {
  torch::manual_seed(2);
  PoseFlows flows = RandomFlows();
  const torch::Tensor poses = RandomPose(200), z = Latent(flows, poses);
  const torch::Tensor share =
      (Latent(flows, SamplePoses(flows, poses, {SamplerMode::kLatentNoise, 0.01})) - z) / z;
  EXPECT_LT(share.abs().max().item<double>(), 0.06);
}

TEST(Sampler, SigmaZeroReturnsThePoses) {
  torch::manual_seed(3);
  PoseFlows flows = RandomFlows();
  const torch::Tensor poses = RandomPose(20);
  EXPECT_LT(Difference(SamplePoses(flows, poses, {SamplerMode::kLatentNoise, 0}), poses), 1e-9);
}

TEST(Sampler, RandomLatentsAreStandardNormalWhateverThePose) {
  torch::manual_seed(4);
  PoseFlows flows = RandomFlows();
  const torch::Tensor poses = 100 * RandomPose(kDraws);
  const torch::Tensor z = Latent(flows, SamplePoses(flows, poses, {SamplerMode::kRandom, 0.2}));
  EXPECT_LT(Difference(z.mean(0), torch::zeros({32})), 5 / std::sqrt(kDraws));
  EXPECT_LT(Difference(z.t().mm(z) / kDraws, torch::eye(32)), 5 * std::sqrt(2.0 / kDraws));
  EXPECT_NEAR(z.pow(4).mean().item<double>(), 3, 0.15);
}

TEST(Sampler, ReturnsPosesWithTheRootAtTheOriginAndNoGradient) {
  torch::manual_seed(5);
  for (bool include_root : {false, true}) {
    PoseFlows flows = RandomFlows(include_root);
    for (const SamplerMode mode : {SamplerMode::kLatentNoise, SamplerMode::kRandom}) {
      const torch::Tensor poses = RandomPose(8).requires_grad_();
      const torch::Tensor sampled = SamplePoses(flows, poses, {mode, 0.2});
      EXPECT_EQ(sampled.sizes(), poses.sizes());
      EXPECT_EQ(sampled.select(1, 0).abs().max().item<double>(), 0);
      EXPECT_GT(sampled.select(1, 1).abs().min().item<double>(), 0);
      EXPECT_FALSE(sampled.requires_grad());
      EXPECT_TRUE(flows->full()->parameters()[0].requires_grad());
    }
  }
}

TEST(Sampler, TheSeedFixesTheSamples) {
  torch::manual_seed(6);
  PoseFlows flows = RandomFlows();
  const torch::Tensor poses = RandomPose(4);
  for (const SamplerMode mode : {SamplerMode::kLatentNoise, SamplerMode::kRandom}) {
    torch::manual_seed(7);
    const torch::Tensor first = SamplePoses(flows, poses, {mode, 0.2});
    EXPECT_FALSE(torch::equal(SamplePoses(flows, poses, {mode, 0.2}), first));
    torch::manual_seed(7);
    EXPECT_TRUE(torch::equal(SamplePoses(flows, poses, {mode, 0.2}), first));
  }
}

}  // namespace
}  // namespace links
