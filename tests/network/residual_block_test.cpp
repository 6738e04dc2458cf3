#include "links/network/residual_block.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "network/plain_network.h"
#include "support/difference.h"

namespace links {
namespace {

using test::Difference;
using test::PlainNetwork;

TEST(ResidualBlock, EachOfAStackAgreesWithPlainProducts) {
  torch::manual_seed(1);
  ResidualBlock block(AllFeatures(3, 7));
  block->to(torch::kFloat64);
  const torch::Tensor x = torch::randn({3, 20, 7}, torch::kFloat64), start = x.clone(), y = block(x);
  ASSERT_EQ(y.sizes(), x.sizes());
  for (int64_t n = 0; n < 3; ++n) {
    const torch::Tensor plain = PlainNetwork(*block, n).Residual("", x[n]);
    EXPECT_LT(Difference(y[n], plain), 1e-14) << n;
    EXPECT_LT(Difference(block->forward(x.narrow(0, n, 1), n)[0], plain), 1e-14) << n;
  }
  EXPECT_TRUE(x.equal(start)) << "the input is left alone";
}

TEST(ResidualBlock, GradientsAreThoseOfPlainProducts) {
  torch::manual_seed(2);
  ResidualBlock block(AllFeatures(2, 6));
  block->to(torch::kFloat64);
  const torch::Tensor x = torch::randn({2, 9, 6}, torch::kFloat64).requires_grad_();
  std::vector<torch::Tensor> inputs = block->parameters();
  inputs.push_back(x);
  const auto gradients = torch::autograd::grad({block(x).sin().sum()}, inputs);
  torch::Tensor plain;
  for (int64_t n = 0; n < 2; ++n) {
    const torch::Tensor loss = PlainNetwork(*block, n).Residual("", x[n]).sin().sum();
    plain = plain.defined() ? plain + loss : loss;
  }
  const auto expected = torch::autograd::grad({plain}, inputs);
  for (size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_LT(Difference(gradients[i], expected[i]), 1e-12) << i;
    EXPECT_GT(expected[i].abs().max().item<double>(), 1e-3) << i;
  }
}

TEST(ResidualBlock, WithoutWeightsItIsALeakyRelu) {
  ResidualBlock block(AllFeatures(1, 3));
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : block->parameters()) parameter.zero_();
  const torch::Tensor x = torch::tensor({{{2., 0., -3.}}}).to(torch::kFloat32);
  EXPECT_LT(Difference(block(x), torch::tensor({{{2., 0., -0.03}}})), 1e-7);
}

TEST(ResidualBlock, HasTwoLayers) {
  ResidualBlock block(AllFeatures(2, 5));
  EXPECT_EQ(block->parameters().size(), 4u);
}

}  // namespace
}  // namespace links
