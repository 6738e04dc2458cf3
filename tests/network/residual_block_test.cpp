#include "links/lifter/residual_block.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "lifter/plain_lifter.h"
#include "support/difference.h"

namespace links {
namespace {

using test::Difference;
using test::PlainLifter;

TEST(ResidualBlock, AgreesWithPlainProducts) {
  torch::manual_seed(1);
  ResidualBlock block(7);
  block->to(torch::kFloat64);
  const torch::Tensor x = torch::randn({20, 7}, torch::kFloat64);
  EXPECT_LT(Difference(block(x), PlainLifter(*block, 0).Residual("", x)), 1e-14);
}

TEST(ResidualBlock, WithoutWeightsItIsALeakyRelu) {
  ResidualBlock block(3);
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : block->parameters()) parameter.zero_();
  EXPECT_LT(
      Difference(block(torch::tensor({{2., 0., -3.}}).to(torch::kFloat32)), torch::tensor({{2., 0., -0.03}})),
      1e-7);
}

TEST(ResidualBlock, HasTwoLayers) {
  ResidualBlock block(5);
  EXPECT_EQ(block->parameters().size(), 4u);
}

}  // namespace
}  // namespace links
