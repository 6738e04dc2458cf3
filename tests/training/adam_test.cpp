#include "links/training/adam.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

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

double GradientNorm(const torch::nn::Sequential& network) {
  double squares = 0;
  for (const torch::Tensor& parameter : network->parameters())
    squares += parameter.grad().square().sum().item<double>();
  return std::sqrt(squares);
}

TEST(Adam, ClipsTheGradientOfEachNetworkByItself) {
  torch::nn::Sequential steep = Network(1), gentle = Network(2);
  Descend(steep, torch::ones({4, 3}), 1e3);
  Descend(gentle, torch::ones({4, 3}), 1e-3);
  const double norm = GradientNorm(gentle);
  ASSERT_GT(GradientNorm(steep), 1);
  ASSERT_LT(norm, 1);
  std::vector<torch::Tensor> before;
  for (const torch::Tensor& parameter : steep->parameters()) before.push_back(parameter.grad().clone());
  const double factor = 1 / GradientNorm(steep);
  Adam({Named(*steep, "a."), Named(*gentle, "b.")}, {}).ClipGradients(1);
  EXPECT_NEAR(GradientNorm(steep), 1, 1e-4);
  EXPECT_DOUBLE_EQ(GradientNorm(gentle), norm);
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_TRUE(steep->parameters()[i].grad().allclose(before[i] * factor, 1e-3, 1e-6))
        << "the direction is kept";
  }
}

TEST(Adam, AParameterThatTheLossDoesNotReachStays) {
  torch::nn::Sequential network = Network(1), idle = Network(2);
  Adam adam({Named(*network, "a."), Named(*idle, "b.")}, {});
  Descend(network, torch::ones({4, 3}));
  adam.ClipGradients(1);
  adam.Step(torch::scalar_tensor(0.01));
  for (size_t i = 0; i < 4; ++i) EXPECT_TRUE(idle->parameters()[i].equal(Network(2)->parameters()[i]));
}

TEST(Adam, ZeroGradForgetsTheGradients) {
  torch::nn::Sequential network = Network(1);
  Descend(network, torch::ones({4, 3}));
  Adam({Named(*network, "")}, {}).ZeroGrad();
  for (const torch::Tensor& parameter : network->parameters()) EXPECT_FALSE(parameter.grad().defined());
}

}  // namespace
}  // namespace links
