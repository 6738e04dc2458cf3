#include <gtest/gtest.h>
#include <torch/torch.h>

#include "links/core/error.h"
#include "links/network/stacked_linear.h"
#include "support/difference.h"

namespace links {
namespace {

using test::Difference;

// Narrow results are made as their transposes: those and others against float64, in values and in all
// gradients.
TEST(StackedProduct, HasTheValuesAndGradientsOfEveryShape) {
  for (const auto& [in, out] : std::vector<std::pair<int64_t, int64_t>>{
           {1, 64}, {10, 100}, {34, 129}, {64, 65}, {65, 64}, {100, 10}, {129, 1}, {70, 64}}) {
    torch::manual_seed(2);
    StackedLinear layer(AllColumns(3, in), AllColumns(3, out));
    for (const int64_t rows : {5, 8, 131, 600}) {
      SCOPED_TRACE(Concat(in, " to ", out, ", rows ", rows));
      at::set_num_threads(rows == 131 ? 2 : 1);
      const torch::Tensor wider = torch::randn({2, rows, in + 3});
      // Rows that lie apart, as the passive half of a flow's channels.
      const torch::Tensor x = wider.narrow(2, 0, in).detach().requires_grad_(),
                          weights = torch::randn({2, rows, out});
      const auto wide = [](const torch::Tensor& values) { return values.detach().to(torch::kFloat64); };
      const torch::Tensor x_64 = wide(x).requires_grad_(), w_64 = wide(layer->weight).requires_grad_(),
                          b_64 = wide(layer->bias).requires_grad_();
      const torch::Tensor expected =
          torch::leaky_relu(x_64.matmul(w_64.narrow(0, 1, 2).transpose(1, 2)) + b_64.narrow(0, 1, 2), 0.01);
      (expected * wide(weights)).sum().backward();
      layer->zero_grad();
      const torch::Tensor found = layer->Activated(x, 0.01, 1);
      (found * weights).sum().backward();
      EXPECT_LT(Difference(wide(found), expected.detach()), 1e-5);
      EXPECT_LT(Difference(wide(x.grad()), x_64.grad()), 1e-5);
      EXPECT_LT(Difference(wide(layer->weight.grad()), w_64.grad()), 2e-4);
      EXPECT_LT(Difference(wide(layer->bias.grad()), b_64.grad()), 2e-4);
    }
  }
  at::set_num_threads(1);
}

}  // namespace
}  // namespace links
