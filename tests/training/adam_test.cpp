#include "links/training/adam.h"

#include <gtest/gtest.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/adam.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "links/network/residual_block.h"

namespace links {
namespace {

NamedTensors Named(const torch::nn::Module& module, const std::string& prefix) {
  NamedTensors named;
  for (const auto& item : module.named_parameters()) named.emplace_back(prefix + item.key(), item.value());
  return named;
}

torch::nn::Sequential Network(uint64_t seed) {
  torch::manual_seed(seed);
  return torch::nn::Sequential(torch::nn::Linear(3, 5), torch::nn::Tanh(), torch::nn::Linear(5, 1));
}

void Descend(torch::nn::Sequential& network, const torch::Tensor& input, double scale = 1) {
  (scale * network->forward(input).pow(2).sum()).backward();
}

TEST(Adam, StepsAsTorchOptimAdam) {
  for (const double weight_decay : {0.0, 0.1}) {
    torch::nn::Sequential ours = Network(1), theirs = Network(1);
    Adam adam({Named(*ours, "")}, {.weight_decay = weight_decay});
    torch::optim::Adam reference(
        theirs->parameters(), torch::optim::AdamOptions(0.01).weight_decay(weight_decay).betas({0.9, 0.999}));
    for (int step = 0; step < 50; ++step) {
      const double rate = 0.01 * std::pow(0.9, step / 10);
      const torch::Tensor input = torch::randn({4, 3});
      adam.ZeroGrad();
      Descend(ours, input);
      adam.Step(torch::scalar_tensor(rate));
      static_cast<torch::optim::AdamOptions&>(reference.param_groups()[0].options()).lr(rate);
      reference.zero_grad();
      Descend(theirs, input);
      reference.step();
    }
    const auto a = ours->parameters(), b = theirs->parameters();
    for (size_t i = 0; i < a.size(); ++i) {
      EXPECT_TRUE(a[i].allclose(b[i], 1e-4, 1e-6)) << "weight decay " << weight_decay;
      EXPECT_FALSE(a[i].allclose(Network(1)->parameters()[i], 1e-2, 1e-3)) << "nothing was learnt";
    }
  }
}

TEST(Adam, GoesOnFromARestoredState) {
  torch::nn::Sequential one = Network(1), two = Network(1);
  Adam whole({Named(*one, "")}, {}), first({Named(*two, "")}, {});
  const auto step = [](torch::nn::Sequential& network, Adam& adam, int number) {
    torch::manual_seed(number);
    adam.ZeroGrad();
    Descend(network, torch::randn({4, 3}));
    adam.Step(torch::scalar_tensor(0.01));
  };
  for (int i = 0; i < 10; ++i) step(one, whole, i);
  for (int i = 0; i < 5; ++i) step(two, first, i);
  Adam second({Named(*two, "")}, {});
  const NamedTensors stored = first.State(), target = second.State();
  ASSERT_EQ(stored.size(), 1u + 2 * 4);
  for (size_t i = 0; i < stored.size(); ++i) {
    EXPECT_EQ(stored[i].first, target[i].first);
    torch::Tensor(target[i].second).copy_(stored[i].second);
  }
  for (int i = 5; i < 10; ++i) step(two, second, i);
  for (size_t i = 0; i < 4; ++i) EXPECT_TRUE(one->parameters()[i].equal(two->parameters()[i]));
}

// One residual block or several side by side.
ResidualBlock Stack(int64_t count, uint64_t seed) {
  torch::manual_seed(seed);
  return ResidualBlock(AllFeatures(count, 4));
}

// The loss of each network of a stack has a factor of its own.
void Descend(ResidualBlock& stack, const std::vector<float>& scales) {
  const auto count = static_cast<int64_t>(scales.size());
  const torch::Tensor output = stack(torch::ones({count, 3, 4}));
  (output.square() * torch::tensor(scales).view({count, 1, 1})).sum().backward();
}

double GradientNorm(const torch::nn::Module& module) {
  double squares = 0;
  for (const torch::Tensor& parameter : module.parameters())
    squares += parameter.grad().square().sum().item<double>();
  return std::sqrt(squares);
}

TEST(Adam, ClipsTheGradientOfEachModuleByItself) {
  ResidualBlock steep = Stack(1, 1), gentle = Stack(1, 2);
  Adam adam({Named(*steep, "a."), Named(*gentle, "b.")}, {});
  Descend(steep, {1e3f});
  Descend(gentle, {1e-3f});
  const double norm = GradientNorm(*gentle), factor = 1 / GradientNorm(*steep);
  ASSERT_LT(factor, 1);
  ASSERT_LT(norm, 1);
  std::vector<torch::Tensor> before;
  for (const torch::Tensor& parameter : steep->parameters()) before.push_back(parameter.grad().clone());
  adam.ClipGradNorm(1);
  EXPECT_NEAR(GradientNorm(*steep), 1, 1e-4);
  EXPECT_DOUBLE_EQ(GradientNorm(*gentle), norm);
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_TRUE(steep->parameters()[i].grad().allclose(before[i] * factor, 1e-3, 1e-6))
        << "the direction is kept";
  }
}

TEST(Adam, AParameterThatTheLossDoesNotReachStays) {
  ResidualBlock network = Stack(1, 1), idle = Stack(1, 2);
  Adam adam({Named(*network, "a."), Named(*idle, "b.")}, {});
  Descend(network, {1});
  adam.ClipGradNorm(1);
  adam.Step(torch::scalar_tensor(0.01));
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(idle->parameters()[i].equal(Stack(1, 2)->parameters()[i]));
    EXPECT_FALSE(network->parameters()[i].equal(Stack(1, 1)->parameters()[i]));
  }
}

// The norm of the gradient of one network of a stack.
double NormOf(const torch::nn::Module& stack, int64_t network) {
  double squares = 0;
  for (const torch::Tensor& parameter : stack.parameters())
    squares += parameter.grad()[network].square().sum().item<double>();
  return std::sqrt(squares);
}

TEST(Adam, ClipsEachOfNetworksSideBySideByItself) {
  ResidualBlock stack = Stack(2, 1);
  Adam adam({Named(*stack, "")}, {});
  Descend(stack, {1e3f, 1e-3f});
  const double steep = NormOf(*stack, 0), gentle = NormOf(*stack, 1);
  ASSERT_GT(steep, 1);
  ASSERT_LT(gentle, 1);
  std::vector<torch::Tensor> before;
  for (const torch::Tensor& parameter : stack->parameters()) before.push_back(parameter.grad().clone());
  adam.ClipGradNorm(1);
  EXPECT_NEAR(NormOf(*stack, 0), 1, 1e-4);
  EXPECT_DOUBLE_EQ(NormOf(*stack, 1), gentle);
  for (size_t i = 0; i < before.size(); ++i)
    EXPECT_TRUE(stack->parameters()[i].grad()[0].allclose(before[i][0] / steep, 1e-3, 1e-6));
}

TEST(Adam, ZeroGradSetsTheGradientsTo0) {
  torch::nn::Sequential network = Network(1);
  Adam adam({Named(*network, "")}, {});
  Descend(network, torch::ones({4, 3}));
  EXPECT_GT(GradientNorm(*network), 0);
  adam.ZeroGrad();
  EXPECT_EQ(GradientNorm(*network), 0);
}

TEST(Adam, TheParametersKeepTheirValues) {
  torch::nn::Sequential network = Network(1);
  const torch::Tensor input = torch::randn({4, 3}), output = network->forward(input);
  Adam adam({Named(*network, "")}, {});
  EXPECT_TRUE(network->forward(input).equal(output));
}

TEST(Adam, TheParametersOutliveIt) {
  torch::nn::Sequential network = Network(1);
  {
    Adam adam({Named(*network, "")}, {});
    Descend(network, torch::ones({4, 3}));
    adam.Step(torch::scalar_tensor(0.01));
  }
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(network->parameters()[i].isfinite().all().item<bool>());
    EXPECT_TRUE(network->parameters()[i].allclose(Network(1)->parameters()[i], 0, 0.011));
  }
}

}  // namespace
}  // namespace links
