#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <limits>

#include "links/core/error.h"
#include "links/network/stacked_linear.h"
#include "support/difference.h"

namespace links {
namespace {

using test::Difference;

torch::Tensor Wide(const torch::Tensor& values) {
  return values.detach().to(torch::kFloat64);
}

// A layer with and without a residual against float64, in values and in all gradients. Rows are cut into
// parts for the threads, and narrow results are made as their transposes.
TEST(StackedProduct, HasTheValuesAndGradientsOfEveryShape) {
  for (const auto& [in, out] : std::vector<std::pair<int64_t, int64_t>>{
           {1, 64}, {10, 100}, {34, 129}, {64, 65}, {65, 64}, {100, 10}, {129, 1}, {70, 64}}) {
    for (const auto& [rows, threads] :
         std::vector<std::pair<int64_t, int>>{{5, 2}, {8, 1}, {131, 2}, {131, 5}, {600, 1}, {600, 3}}) {
      for (const bool with_residual : {false, true}) {
        SCOPED_TRACE(
            Concat(in, " to ", out, ", rows ", rows, ", threads ", threads, ", residual ", with_residual));
        torch::manual_seed(2);
        at::set_num_threads(threads);
        StackedLinear layer(AllFeatures(3, in), AllFeatures(3, out));
        // Rows that lie apart, as the passive half of a flow's channels.
        const torch::Tensor x = torch::randn({2, rows, in + 3}).narrow(2, 0, in).detach().requires_grad_(),
                            residual =
                                torch::randn({2, rows, out + 1}).narrow(2, 1, out).detach().requires_grad_(),
                            weights = torch::randn({2, rows, out});
        const torch::Tensor x_64 = Wide(x).requires_grad_(), w_64 = Wide(layer->weight).requires_grad_(),
                            b_64 = Wide(layer->bias).requires_grad_(),
                            residual_64 = Wide(residual).requires_grad_();
        torch::Tensor expected =
            torch::leaky_relu(x_64.matmul(w_64.narrow(0, 1, 2).transpose(1, 2)) + b_64.narrow(0, 1, 2), 0.01);
        if (with_residual) expected = torch::leaky_relu(expected + residual_64, 0.01);
        (expected * Wide(weights)).sum().backward();
        const torch::Tensor found =
            with_residual ? layer->Residual(x, residual, 0.01, 1) : layer->Activated(x, 0.01, 1);
        (found * weights).sum().backward();
        EXPECT_LT(Difference(Wide(found), expected.detach()), 1e-5);
        EXPECT_LT(Difference(Wide(x.grad()), x_64.grad()), 1e-5);
        EXPECT_LT(Difference(Wide(layer->weight.grad()), w_64.grad()), 2e-4);
        EXPECT_LT(Difference(Wide(layer->bias.grad()), b_64.grad()), 2e-4);
        if (with_residual) {
          EXPECT_LT(Difference(Wide(residual.grad()), residual_64.grad()), 1e-5);
        }
        // Gradients are added to those that are there, and what nothing learns from has the same values.
        const torch::Tensor once = layer->weight.grad().clone();
        (layer->Activated(x, 0.01, 1) * 0).sum().backward();
        EXPECT_TRUE(layer->weight.grad().equal(once));
        const torch::NoGradGuard no_grad;
        const torch::Tensor again =
            with_residual ? layer->Residual(x, residual, 0.01, 1) : layer->Activated(x, 0.01, 1);
        EXPECT_TRUE(again.equal(found.detach()));
      }
    }
  }
  at::set_num_threads(1);
}

// The same with operands in bfloat16, whether or not the processor has units for it: rounded, multiplied and
// summed in float64. The way back is written out, as autograd would not round in it.
TEST(StackedProduct, RoundsToBfloat16InEveryShape) {
  const auto rounded = [](const torch::Tensor& t) { return Wide(t.detach().to(torch::kBFloat16)); };
  const auto slopes = [](const torch::Tensor& y) { return torch::where(y > 0, 1.0, 0.01); };
  const auto precision = [] {
    return at::globalContext().float32Precision(at::Float32Backend::MKLDNN, at::Float32Op::MATMUL);
  };
  const at::Float32Precision before = precision();
  for (const auto& [in, out] : std::vector<std::pair<int64_t, int64_t>>{{10, 100}, {70, 64}, {129, 1}}) {
    for (const auto& [rows, threads] :
         std::vector<std::pair<int64_t, int>>{{1, 1}, {5, 2}, {131, 2}, {600, 3}}) {
      SCOPED_TRACE(Concat(in, " to ", out, ", rows ", rows, ", threads ", threads));
      torch::manual_seed(3);
      at::set_num_threads(threads);
      StackedLinear layer(AllFeatures(2, in), AllFeatures(2, out));
      layer->UseBfloat16();
      const torch::Tensor x = torch::randn({2, rows, in}).requires_grad_(),
                          residual = torch::randn({2, rows, out}).requires_grad_(),
                          weights = torch::randn({2, rows, out});
      const torch::Tensor found = layer->Residual(x, residual, 0.01);
      (found * weights).sum().backward();
      const torch::Tensor inner = torch::leaky_relu(
          rounded(x).matmul(rounded(layer->weight).transpose(1, 2)) + Wide(layer->bias), 0.01);
      const torch::Tensor expected = torch::leaky_relu(inner + Wide(residual), 0.01);
      const torch::Tensor of_residual = Wide(weights) * slopes(expected),
                          of_product = (of_residual * slopes(inner)).to(torch::kFloat32);
      EXPECT_LT(Difference(Wide(found), expected), 1e-5);
      EXPECT_LT(Difference(Wide(residual.grad()), of_residual), 1e-6);
      EXPECT_LT(Difference(Wide(x.grad()), rounded(of_product).matmul(rounded(layer->weight))), 1e-5);
      EXPECT_LT(
          Difference(Wide(layer->weight.grad()), rounded(of_product).transpose(1, 2).matmul(rounded(x))),
          2e-4);
      EXPECT_LT(Difference(Wide(layer->bias.grad()), Wide(of_product).sum(1, true)), 2e-4);
      EXPECT_EQ(precision(), before) << "other products stay in float32";
    }
  }
  at::set_num_threads(1);
}

TEST(StackedProduct, KeepsWhatIsNoNumberInBfloat16) {
  StackedLinear layer(AllFeatures(1, 4), AllFeatures(1, 4));
  layer->UseBfloat16();
  {
    const torch::NoGradGuard no_grad;
    layer->weight.copy_(torch::eye(4).unsqueeze(0));
    layer->bias.zero_();
  }
  const float infinite = std::numeric_limits<float>::infinity();
  const torch::Tensor x = torch::zeros({1, 4, 4});
  x[0][0][0] = std::numeric_limits<float>::quiet_NaN(), x[0][1][0] = infinite, x[0][2][0] = 3.4e38f;
  const torch::Tensor y = layer->forward(x).detach();
  EXPECT_TRUE(y[0][0][0].isnan().item<bool>());
  EXPECT_EQ(y[0][1][0].item<float>(), infinite);
  EXPECT_EQ(y[0][2][0].item<float>(), infinite) << "beyond bfloat16's largest";
}

}  // namespace
}  // namespace links
