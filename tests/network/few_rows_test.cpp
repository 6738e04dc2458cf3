#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "links/network/stacked_linear.h"
#include "support/difference.h"

namespace links {
namespace {

using test::Difference;

constexpr double kSlope = 0.01;

// A few rows are multiplied in another way than many: both against float64.
TEST(FewRows, AreMultipliedAsManyAre) {
  const torch::NoGradGuard no_grad;
  for (const auto& size : std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {3, 70}, {64, 5}, {200, 333}}) {
    const int64_t in = size.first, out = size.second;
    torch::manual_seed(2);
    StackedLinear layer(AllFeatures(4, in), AllFeatures(4, out));
    for (const int64_t threads : {1, 2}) {
      at::set_num_threads(static_cast<int>(threads));
      for (int64_t rows = 1; rows <= 6; ++rows) {
        const torch::Tensor x = torch::randn({2, rows, in}), residual = torch::randn({2, rows, out});
        const auto wide = [](const torch::Tensor& values) { return values.to(torch::kFloat64); };
        const torch::Tensor product = wide(x).matmul(wide(layer->weight).narrow(0, 1, 2).transpose(1, 2)) +
                                      wide(layer->bias).narrow(0, 1, 2);
        const torch::Tensor activated = torch::leaky_relu(product, kSlope);
        const auto expect = [&](const torch::Tensor& found, const torch::Tensor& expected) {
          EXPECT_LT(Difference(wide(found), expected), 5e-6) << in << " to " << out << ", rows " << rows;
        };
        expect(layer->forward(x, 1), product);
        expect(layer->Activated(x, kSlope, 1), activated);
        expect(layer->Activated(x, 0, 1), torch::relu(product));
        expect(layer->Residual(x, residual, kSlope, 1),
               torch::leaky_relu(activated + wide(residual), kSlope));
        // Rows that do not lie one after the other.
        expect(layer->forward(x.transpose(1, 2).contiguous().transpose(1, 2), 1), product);
      }
    }
  }
  at::set_num_threads(1);
}

// Networks of one run among others lie apart in memory.
TEST(FewRows, OfWeightsThatLieApart) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(3);
  StackedLinear all(AllFeatures(6, 40), AllFeatures(6, 30)), own(AllFeatures(3, 40), AllFeatures(3, 30));
  for (auto [to, from] : {std::pair{own->weight, all->weight}, std::pair{own->bias, all->bias}})
    to.set_data(from.unflatten(0, {3, 2}).select(1, 1));
  const torch::Tensor x = torch::randn({3, 2, 40});
  for (int64_t n = 0; n < 3; ++n) {
    EXPECT_LT(Difference(own->forward(x.narrow(0, n, 1), n), all->forward(x.narrow(0, n, 1), 2 * n + 1)),
              1e-6);
  }
  const torch::Tensor together = own->forward(x);
  for (int64_t n = 0; n < 3; ++n)
    EXPECT_LT(Difference(together[n], all->forward(x.narrow(0, n, 1), 2 * n + 1)[0]), 1e-6);
}

TEST(FewRows, HaveTheGradientsOfMany) {
  torch::manual_seed(4);
  StackedLinear layer(AllFeatures(2, 20), AllFeatures(2, 10));
  const torch::Tensor x = torch::randn({2, 9, 20}).requires_grad_(), residual = torch::randn({2, 9, 10});
  layer->Residual(x, residual, kSlope).square().sum().backward();
  const torch::Tensor expected = layer->weight.grad().clone(), of_x = x.grad().clone();
  layer->zero_grad();
  x.mutable_grad().reset();
  for (int64_t first = 0; first < 9; first += 3)
    layer->Residual(x.narrow(1, first, 3), residual.narrow(1, first, 3), kSlope).square().sum().backward();
  EXPECT_LT(Difference(layer->weight.grad(), expected), 1e-4);
  EXPECT_LT(Difference(x.grad(), of_x), 1e-5);
}

}  // namespace
}  // namespace links
