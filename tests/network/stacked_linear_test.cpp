#include "links/network/stacked_linear.h"

#include <gtest/gtest.h>
#include <torch/nn/functional/linear.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "links/core/error.h"
#include "network/plain_network.h"
#include "support/difference.h"
#include "support/train.h"

namespace links {
namespace {

using namespace test;

// The columns that each of three networks of different sizes uses, with gaps.
const std::vector<Columns> kInputs = {{0, 1, 2, 3, 4}, {1, 4}, {0, 2, 3}};
const std::vector<Columns> kOutputs = {{0, 3}, {0, 1, 2, 3}, {2}};

torch::Tensor Used(const std::vector<Columns>& of_each, int64_t columns) {
  torch::Tensor used = torch::zeros({static_cast<int64_t>(of_each.size()), columns}, torch::kBool);
  for (size_t n = 0; n < of_each.size(); ++n)
    for (const int64_t column : of_each[n]) used[static_cast<int64_t>(n)][column] = true;
  return used;
}

StackedLinear Uneven() {
  torch::manual_seed(1);
  return StackedLinear(Used(kInputs, 5), Used(kOutputs, 4));
}

// (N, B, 5), 0 where a network has no input.
torch::Tensor Input(int64_t batch) {
  return torch::randn({3, batch, 5}) * Used(kInputs, 5).unsqueeze(1);
}

TEST(StackedLinear, EachNetworkIsALinearLayerOfItsColumns) {
  StackedLinear stack = Uneven();
  const torch::Tensor x = Input(7), y = stack(x);
  ASSERT_EQ(y.sizes(), torch::IntArrayRef({3, 7, 4}));
  for (int64_t n = 0; n < 3; ++n) {
    const Columns &inputs = kInputs[static_cast<size_t>(n)], &outputs = kOutputs[static_cast<size_t>(n)];
    const torch::Tensor weight = Take(Take(stack->weight[n], 1, inputs), 0, outputs),
                        bias = Take(stack->bias[n][0], 0, outputs);
    const torch::Tensor own = torch::nn::functional::linear(Take(x[n], 1, inputs), weight, bias);
    EXPECT_LT(Difference(Take(y[n], 1, outputs), own), 1e-6) << n;
    const torch::Tensor none = y[n] * Used(kOutputs, 4)[n].logical_not();
    EXPECT_EQ(none.abs().max().item<float>(), 0) << n;
  }
}

TEST(StackedLinear, FirstPicksTheNetworks) {
  StackedLinear stack = Uneven();
  const torch::Tensor x = Input(7), y = stack(x);
  for (int64_t first = 0; first < 3; ++first) {
    for (int64_t count = 1; first + count <= 3; ++count) {
      const torch::Tensor some = stack->forward(x.narrow(0, first, count), first);
      EXPECT_LT(Difference(some, y.narrow(0, first, count)), 1e-6) << first << ", " << count;
    }
  }
}

// The moments of weights that are uniform within 1 / sqrt(inputs used).
void ExpectUniform(const torch::Tensor& values, double inputs) {
  const torch::Tensor shares = values.detach().flatten() * std::sqrt(inputs);
  EXPECT_LE(shares.abs().max().item<double>(), 1 + 1e-6);
  EXPECT_GT(shares.abs().max().item<double>(), 0.95);
  EXPECT_NEAR(shares.mean().item<double>(), 0, 0.06);
  EXPECT_NEAR(shares.square().mean().item<double>(), 1.0 / 3, 0.03);
  EXPECT_NEAR(shares.pow(4).mean().item<double>(), 1.0 / 5, 0.03);
}

TEST(StackedLinear, StartsUniformWithinTheBoundOfEachNetworksOwnInputs) {
  torch::manual_seed(2);
  torch::Tensor inputs = torch::zeros({2, 40}, torch::kBool), outputs = torch::zeros({2, 900}, torch::kBool);
  inputs[0].narrow(0, 0, 40).fill_(true), outputs[0].narrow(0, 0, 900).fill_(true);
  inputs[1].narrow(0, 10, 10).fill_(true), outputs[1].narrow(0, 100, 700).fill_(true);
  StackedLinear stack(inputs, outputs);
  ExpectUniform(stack->weight[0], 40);
  ExpectUniform(stack->bias[0], 40);
  ExpectUniform(stack->weight[1].narrow(0, 100, 700).narrow(1, 10, 10), 10);
  ExpectUniform(stack->bias[1].narrow(1, 100, 700), 10);
  EXPECT_EQ(stack->weight[1].ne(0).sum().item<int64_t>(), 700 * 10) << "what is not used is 0";
  EXPECT_EQ(stack->bias[1].ne(0).sum().item<int64_t>(), 700);
}

TEST(StackedLinear, WhatIsNotUsedStays0InTraining) {
  StackedLinear stack = Uneven();
  const torch::Tensor weights = stack->weight.ne(0), biases = stack->bias.ne(0), x = Input(7);
  const torch::Tensor start = stack->weight.detach().clone();
  Train(*stack, 5, [&] { return (stack(x) - 1).mul(Used(kOutputs, 4).unsqueeze(1)).square().sum(); });
  EXPECT_TRUE(stack->weight.ne(0).equal(weights));
  EXPECT_TRUE(stack->bias.ne(0).equal(biases));
  EXPECT_FALSE((stack->weight == start).logical_and(weights).any().item<bool>()) << "all others learn";
}

TEST(StackedLinear, ScaleMultipliesTheWeightsAndClearsTheBiases) {
  StackedLinear stack = Uneven(), scaled = Uneven();
  scaled->Scale(0.25);
  EXPECT_TRUE(scaled->weight.equal(0.25 * stack->weight));
  EXPECT_EQ(scaled->bias.abs().max().item<float>(), 0);
  EXPECT_TRUE(scaled->weight.requires_grad() && scaled->bias.requires_grad());
}

TEST(StackedLinear, RefusesOtherShapes) {
  StackedLinear stack = Uneven();
  EXPECT_THROW(stack(torch::zeros({3, 7, 4})), Error);
  EXPECT_THROW(stack(torch::zeros({7, 5})), Error);
  EXPECT_THROW(StackedLinear(Used(kInputs, 5), torch::ones({2, 4}, torch::kBool)), Error);
}

TEST(AllFeatures, AreAllUsed) {
  EXPECT_TRUE(AllFeatures(2, 3).equal(torch::ones({2, 3}, torch::kBool)));
}

TEST(StackedLinear, Bfloat16RoundsTheOperandsAndSumsInFloat32) {
  torch::manual_seed(8);
  const auto rounded = [](const torch::Tensor& t) { return t.to(torch::kBFloat16).to(torch::kFloat32); };
  StackedLinear layer(AllFeatures(2, 40), AllFeatures(2, 30));
  layer->UseBfloat16();
  const torch::Tensor x = torch::randn({2, 50, 40}).requires_grad_(true), weights = torch::randn({2, 50, 30});
  const torch::Tensor y = layer->forward(x);
  const torch::Tensor expected =
      torch::bmm(rounded(x.detach()), rounded(layer->weight.detach()).transpose(1, 2)) + layer->bias.detach();
  EXPECT_TRUE(torch::allclose(y, expected, 1e-5, 1e-5));
  EXPECT_FALSE(torch::allclose(y, torch::bmm(x, layer->weight.transpose(1, 2)) + layer->bias, 1e-5, 1e-5));
  (y * weights).sum().backward();
  EXPECT_TRUE(
      torch::allclose(x.grad(), torch::bmm(rounded(weights), rounded(layer->weight.detach())), 1e-4, 1e-4));
  EXPECT_TRUE(torch::allclose(layer->weight.grad(),
                              torch::bmm(rounded(weights).transpose(1, 2), rounded(x.detach())), 1e-4, 1e-4));
  EXPECT_TRUE(torch::allclose(layer->bias.grad(), weights.sum(1, true), 1e-4, 1e-4));
}

}  // namespace
}  // namespace links
