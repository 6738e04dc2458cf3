#include "links/network/standardise.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "links/core/error.h"
#include "links/network/stacked_linear.h"
#include "support/difference.h"

namespace links {
namespace {

using test::Difference;

torch::Tensor Samples() {
  torch::manual_seed(1);
  return torch::randn({1000, 3}, torch::kFloat64) * torch::tensor({0.01, 2., 30.}, torch::kFloat64) +
         torch::tensor({5., -0.2, 0.}, torch::kFloat64);
}

Standardise Fitted(const torch::Tensor& samples) {
  Standardise standardise(samples.size(1));
  standardise->to(torch::kFloat64);
  standardise->Fit(samples);
  return standardise;
}

TEST(Standardise, StartsAsTheIdentity) {
  Standardise standardise(3);
  const torch::Tensor x = torch::randn({5, 3});
  EXPECT_TRUE(torch::equal(standardise(x), x));
  EXPECT_TRUE(torch::equal(standardise->Inverse(x), x));
  EXPECT_EQ(standardise->LogDet().item<float>(), 0);
}

TEST(Standardise, GivesMeanZeroAndDeviationOne) {
  const torch::Tensor samples = Samples();
  const torch::Tensor z = Fitted(samples)(samples);
  for (int column = 0; column < 3; ++column) {
    double sum = 0, squares = 0;
    for (int i = 0; i < 1000; ++i) {
      const double value = z[i][column].item<double>();
      sum += value;
      squares += value * value;
    }
    EXPECT_NEAR(sum / 1000, 0, 1e-9);
    EXPECT_NEAR(squares / 1000, 1, 1e-9);
  }
}

TEST(Standardise, InverseUndoesForward) {
  const torch::Tensor samples = Samples();
  Standardise standardise = Fitted(samples);
  EXPECT_LT(Difference(standardise->Inverse(standardise(samples)), samples), 1e-12);
}

TEST(Standardise, AColumnWithoutVarianceIsOnlyShifted) {
  torch::Tensor samples = Samples();
  samples.select(1, 1).fill_(7);
  Standardise standardise = Fitted(samples);
  EXPECT_EQ(standardise->deviation[1].item<double>(), 1);
  EXPECT_NEAR(standardise(torch::full({1, 3}, 9., torch::kFloat64))[0][1].item<double>(), 2, 1e-12);
}

TEST(Standardise, LogDetIsThatOfTheMatrix) {
  Standardise standardise = Fitted(Samples());
  // The map is affine: its matrix is the image of the axes less that of the origin.
  const torch::Tensor zero = torch::zeros({1, 3}, torch::kFloat64);
  const torch::Tensor matrix = standardise(torch::eye(3, torch::kFloat64)) - standardise(zero);
  EXPECT_NEAR(standardise->LogDet().item<double>(), std::log(torch::linalg_det(matrix).item<double>()),
              1e-10);
}

TEST(Standardise, OfAStackEachHasItsOwnStatistics) {
  const torch::Tensor one = Samples(), two = 3 * one.flip(1) - 1;
  Standardise stack(AllFeatures(2, 3));
  stack->to(torch::kFloat64);
  const torch::Tensor samples = torch::stack({one, two});
  EXPECT_TRUE(torch::equal(stack(samples), samples)) << "starts as the identity";
  stack->Fit(samples);
  ASSERT_EQ(stack->LogDet().sizes(), torch::IntArrayRef({2, 1}));
  for (int64_t n = 0; n < 2; ++n) {
    Standardise own = Fitted(samples[n]);
    EXPECT_LT(Difference(stack(samples)[n], own(samples[n])), 1e-12);
    EXPECT_LT(Difference(stack->Inverse(samples)[n], own->Inverse(samples[n])), 1e-12);
    EXPECT_NEAR(stack->LogDet()[n].item<double>(), own->LogDet().item<double>(), 1e-12);
  }
}

TEST(Standardise, RefusesOtherColumns) {
  EXPECT_THROW(Standardise(3)->Fit(torch::zeros({10, 4})), Error);
  EXPECT_THROW(Standardise(AllFeatures(2, 3))->Fit(torch::zeros({10, 4})), Error);
  EXPECT_THROW(Standardise(AllFeatures(2, 3))->Fit(torch::zeros({3, 10, 3})), Error);
}

}  // namespace
}  // namespace links
