#include "links/flow/coupling.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <limits>

#include "links/core/error.h"
#include "support/difference.h"

namespace links {
namespace {

using test::Difference;

constexpr SoftClamp kClamp = {.gain = 0.1, .bound = 2, .divisor = 0.7};

// Two flows and three runs, so that there is a "..."; the second flow lacks the last active channel.
CouplingInputs Inputs(int64_t rows, int64_t channels) {
  const int64_t active = channels / 2;
  CouplingInputs inputs = {torch::randn({2, 3, rows, channels}), 8 * torch::randn({2, 3, rows, 2 * active}),
                           torch::randn({2, 3, channels, channels}), torch::randn({2, 3, 1, channels}),
                           torch::ones({2, 3, 1, active})};
  for (torch::Tensor part : {inputs.used, inputs.outputs.narrow(-1, 0, active)})
    part.select(0, 1).select(-1, -1).zero_();
  return inputs;
}

std::vector<torch::Tensor> Learned(const CouplingInputs& inputs) {
  return {inputs.x, inputs.outputs, inputs.factors, inputs.offsets};
}

CouplingInputs Wide(const CouplingInputs& inputs) {
  const auto wide = [](const torch::Tensor& t) { return t.detach().to(torch::kFloat64); };
  return {wide(inputs.x), wide(inputs.outputs), wide(inputs.factors), wide(inputs.offsets),
          wide(inputs.used)};
}

// The one pass on a CPU in float32 against LibTorch's own operations in float64, in values and in gradients.
TEST(Coupling, HasTheValuesAndGradientsOfEveryShape) {
  for (const int64_t channels : {2, 5, 16, 17, 34, 51}) {
    for (const auto& [rows, threads] :
         std::vector<std::pair<int64_t, int>>{{1, 1}, {5, 2}, {131, 2}, {131, 5}, {600, 3}}) {
      SCOPED_TRACE(Concat(channels, " channels, rows ", rows, ", threads ", threads));
      torch::manual_seed(4);
      at::set_num_threads(threads);
      const CouplingInputs inputs = Inputs(rows, channels), wide = Wide(inputs);
      const torch::Tensor weights = torch::randn_like(inputs.x), of_log_det = torch::randn({2, 3, rows});
      for (const CouplingInputs* own : {&inputs, &wide}) {
        for (const torch::Tensor& learned : Learned(*own)) learned.requires_grad_();
      }
      const Coupling found = CoupleAndTurn(inputs, kClamp), expected = CoupleAndTurn(wide, kClamp);
      const double scale = expected.z.abs().max().item<double>();
      EXPECT_LT(Difference(found.z, expected.z), 1e-6 * scale);
      EXPECT_LT(Difference(found.log_det.sum(-1), expected.log_det.sum(-1)), 1e-5);
      for (const Coupling* coupling : {&found, &expected}) {
        const auto like = [&](const torch::Tensor& t) { return t.to(coupling->z.scalar_type()); };
        ((coupling->z * like(weights)).sum() + (coupling->log_det.sum(-1) * like(of_log_det)).sum())
            .backward();
      }
      for (size_t i = 0; i < Learned(inputs).size(); ++i) {
        const torch::Tensor own = Learned(inputs)[i].grad(), truth = Learned(wide)[i].grad();
        EXPECT_LT(Difference(own, truth), 2e-6 * truth.abs().max().item<double>()) << "input " << i;
      }
      const torch::NoGradGuard no_grad;
      EXPECT_TRUE(CoupleAndTurn(inputs, kClamp).z.equal(found.z));
      const torch::Tensor y =
          torch::linalg_solve(wide.factors, expected.z - wide.offsets, /*left=*/false).to(torch::kFloat32);
      EXPECT_LT(Difference(Uncouple(y, inputs.outputs, kClamp), inputs.x), 1e-3);
    }
  }
  at::set_num_threads(1);
}

TEST(Coupling, LogScalesOfNoUseTakeNoGradient) {
  torch::manual_seed(5);
  const CouplingInputs inputs = Inputs(40, 7);
  inputs.outputs.requires_grad_();
  CoupleAndTurn(inputs, kClamp).log_det.sum().backward();
  const torch::Tensor of_log_scales = inputs.outputs.grad().narrow(-1, 0, 3);
  EXPECT_EQ(of_log_scales[1].select(-1, 2).abs().max().item<float>(), 0);
  EXPECT_GT(of_log_scales[0].abs().min().item<float>(), 0);
}

// Log scales are bounded whatever the network says, and a number that is none stays in its row.
TEST(Coupling, KeepsWhatIsFarAndWhatIsNoNumber) {
  torch::manual_seed(6);
  CouplingInputs inputs = Inputs(37, 6);
  inputs.outputs[0].select(1, 3).fill_(1e30F);
  inputs.outputs[0].select(1, 4).narrow(-1, 0, 3).fill_(-std::numeric_limits<float>::infinity());
  inputs.x.select(2, 5).fill_(NAN);
  inputs.outputs[0].select(1, 6).fill_(NAN);
  const Coupling found = CoupleAndTurn(inputs, kClamp), expected = CoupleAndTurn(Wide(inputs), kClamp);
  EXPECT_LT((found.log_det.squeeze(-1) - expected.log_det.sum(-1)).nan_to_num(0).abs().max().item<double>(),
            1e-5);
  EXPECT_TRUE(found.log_det.squeeze(-1).isnan().equal(expected.log_det.sum(-1).isnan()));
  EXPECT_TRUE(found.z.isnan().equal(expected.z.isnan()));
  EXPECT_EQ(found.z.isnan().any(-1).sum().item<int64_t>(), 2 * 3 + 3);
  EXPECT_FLOAT_EQ(found.log_det[0][0][3][0].item<float>(), 6);
}

}  // namespace
}  // namespace links
