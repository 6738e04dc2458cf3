#include "links/flow/pca.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "flow/random_flow.h"
#include "links/core/error.h"
#include "links/flow/pose_flows.h"
#include "links/flow/sampler.h"
#include "support/tiny_networks.h"

namespace links {
namespace {

using namespace test;

// Points of a four-dimensional Gaussian with deviations 5, 3, 0.5 and 0.1 along the axes of a random
// rotation.
struct Cloud {
  Cloud() {
    torch::manual_seed(7);
    const auto [q, r] = torch::linalg_qr(torch::randn({4, 4}, torch::kFloat64), "reduced");
    axes = q;
    points =
        (torch::randn({20000, 4}, torch::kFloat64) * torch::tensor({5.0, 3.0, 0.5, 0.1})).matmul(axes.t()) +
        10;
  }
  torch::Tensor axes;  // columns
  torch::Tensor points;
};

TEST(Pca, FindsTheAxesByFallingVariance) {
  const Cloud cloud;
  Pca pca(4, 2);
  pca->to(torch::kFloat64);
  pca->Fit(cloud.points);
  for (int64_t k = 0; k < 2; ++k) {
    const torch::Tensor axis = pca->basis.select(1, k);
    EXPECT_NEAR(axis.dot(cloud.axes.select(1, k)).abs().item<double>(), 1, 1e-3) << k;
    EXPECT_GT(axis.index({axis.abs().argmax()}).item<double>(), 0) << k;
  }
  const torch::Tensor components = pca(cloud.points);
  EXPECT_NEAR(components.mean().item<double>(), 0, 1e-9);
  EXPECT_TRUE(torch::allclose(components.std(0), torch::tensor({5.0, 3.0}, torch::kFloat64), 0.05));
}

TEST(Pca, WhatItLeavesOutIsTheVarianceOfTheOtherAxes) {
  const Cloud cloud;
  Pca pca(4, 2);
  pca->to(torch::kFloat64);
  pca->Fit(cloud.points);
  const torch::Tensor back = pca->Inverse(pca(cloud.points));
  EXPECT_NEAR((back - cloud.points).square().sum(1).mean().item<double>(), 0.5 * 0.5 + 0.1 * 0.1, 0.02);
  EXPECT_TRUE(torch::allclose(pca->Inverse(pca(back)), back));
}

TEST(Pca, AllComponentsLoseNothing) {
  const Cloud cloud;
  Pca pca(4, 4);
  pca->to(torch::kFloat64);
  pca->Fit(cloud.points);
  EXPECT_TRUE(torch::allclose(pca->Inverse(pca(cloud.points)), cloud.points));
}

TEST(RealNvpWithPca, IsTheFlowOfTheComponents) {
  const Cloud cloud;
  torch::manual_seed(3);
  RealNvp flow(4, FlowOptions{.blocks = 3, .width = 8, .standardise = true}, 2);
  flow->to(torch::kFloat64);
  flow->Fit(cloud.points);
  Pca pca(4, 2);
  pca->to(torch::kFloat64);
  pca->Fit(cloud.points);
  torch::manual_seed(3);
  RealNvp plain(2, FlowOptions{.blocks = 3, .width = 8, .standardise = true});
  plain->to(torch::kFloat64);
  plain->Fit(pca(cloud.points));
  const torch::Tensor x = cloud.points.narrow(0, 0, 50);
  EXPECT_TRUE(torch::allclose(flow->NegativeLogLikelihood(x), plain->NegativeLogLikelihood(pca(x))));
  EXPECT_EQ(flow->latent_dimensions(), 2);
  EXPECT_TRUE(torch::allclose(flow->Inverse(flow->forward(x).z), pca->Inverse(pca(x))));
  EXPECT_THROW(RealNvp(4, FlowOptions{}, 5), UsageError);
}

TEST(PoseFlowsWithPca, OnlyTheFullPoseFlowHasThem) {
  torch::manual_seed(1);
  PoseFlows flows(FlowOptions{.blocks = 1, .width = 4}, /*include_root=*/false,
                  std::vector<Segment>{Segment::kTorso},
                  /*full_pca=*/26);
  EXPECT_EQ(flows->full()->latent_dimensions(), 26);
  EXPECT_EQ(flows->full()->dimensions(), 32);
  EXPECT_EQ(flows->stack()->latent_dimensions(), 20);
  const torch::Tensor pose = RandomKeypoints(3);
  for (const SamplerMode mode : {SamplerMode::kLatentNoise, SamplerMode::kRandom}) {
    EXPECT_EQ(SamplePoses(flows, pose, {.mode = mode}).sizes(), pose.sizes()) << static_cast<int>(mode);
  }
}

}  // namespace
}  // namespace links
