#include "links/network/residual_branch.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "network/plain_network.h"
#include "support/difference.h"

namespace links {
namespace {

using namespace test;

constexpr int kBlocks = 2;

// Two networks: 3 of 4 inputs to 2 of 5 outputs, and all to all.
torch::Tensor Inputs() {
  return torch::tensor({{true, false, true, true}, {true, true, true, true}});
}

torch::Tensor Outputs() {
  return torch::tensor({{false, true, false, false, true}, {true, true, true, true, true}});
}

ResidualNetwork Uneven(double head_gain = 1) {
  torch::manual_seed(1);
  return ResidualNetwork(Inputs(), 8, kBlocks, Outputs(), head_gain);
}

TEST(ResidualNetwork, EachOfAStackAgreesWithPlainProducts) {
  ResidualNetwork network = Uneven();
  network->to(torch::kFloat64);
  const torch::Tensor x = torch::randn({2, 6, 4}, torch::kFloat64) * Inputs().unsqueeze(1), y = network(x);
  ASSERT_EQ(y.sizes(), torch::IntArrayRef({2, 6, 5}));
  const Columns some = {0, 2, 3}, wanted = {1, 4};
  const torch::Tensor first = PlainNetwork(*network, 0).Network(Take(x[0], 1, some), kBlocks, some, wanted);
  EXPECT_LT(Difference(Take(y[0], 1, wanted), first), 1e-14);
  EXPECT_EQ(Take(y[0], 1, {0, 2, 3}).abs().max().item<double>(), 0);
  EXPECT_LT(Difference(y[1], PlainNetwork(*network, 1).Network(x[1], kBlocks)), 1e-14);
  EXPECT_LT(Difference(network->forward(x.narrow(0, 1, 1), 1)[0], y[1]), 1e-14);
}

TEST(ResidualNetwork, HeadGainScalesTheLastLayerAndClearsItsBiases) {
  ResidualNetwork whole = Uneven(), small = Uneven(0.1);
  for (const auto& parameter : whole->named_parameters()) {
    const torch::Tensor other = small->named_parameters()[parameter.key()];
    if (!parameter.key().starts_with("branch.head.")) {
      EXPECT_TRUE(other.equal(parameter.value())) << parameter.key();
    } else if (parameter.key().ends_with("weight")) {
      EXPECT_LT(Difference(other, 0.1 * parameter.value()), 1e-8);
    } else {
      EXPECT_EQ(other.abs().max().item<float>(), 0);
      EXPECT_GT(parameter.value().abs().max().item<float>(), 0);
    }
  }
}

TEST(ResidualNetwork, HasALayerInFrontItsBlocksAndALastLayer) {
  EXPECT_EQ(Uneven()->parameters().size(), 2u + 4 * kBlocks + 2);
}

}  // namespace
}  // namespace links
