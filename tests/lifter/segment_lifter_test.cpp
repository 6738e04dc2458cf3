#include "links/lifter/segment_lifter.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "lifter/plain_lifter.h"
#include "links/core/error.h"
#include "support/difference.h"

namespace links {
namespace {

using test::Difference;

SegmentLifter Seeded(int64_t joints, const LifterOptions& options) {
  torch::manual_seed(1);
  SegmentLifter lifter(joints, options);
  lifter->to(torch::kFloat64);
  return lifter;
}

torch::Tensor Columns(int64_t joints) {
  return torch::randn({9, 2 * joints}, torch::kFloat64);
}

TEST(SegmentLifter, AgreesWithPlainProducts) {
  for (int blocks : {1, 3}) {
    SegmentLifter lifter = Seeded(6, {16, blocks});
    const torch::Tensor columns = Columns(6), shared = lifter->Shared(columns);
    const test::PlainLifter plain(*lifter, blocks);
    EXPECT_EQ(shared.sizes(), torch::IntArrayRef({9, 16}));
    EXPECT_LT(Difference(lifter->DepthOffset(shared), plain.DepthOffset(columns)), 1e-13);
    EXPECT_LT(Difference(lifter->Elevation(shared), plain.Elevation(columns)), 1e-13);
  }
}

TEST(SegmentLifter, HasTheLayersOfThePaper) {
  SegmentLifter lifter(10, LifterOptions{});
  int64_t weights = 0;
  for (const torch::Tensor& parameter : lifter->parameters()) weights += parameter.numel();
  const int64_t square = 1024 * 1024 + 1024;  // seven residual blocks of two square layers
  EXPECT_EQ(weights, (20 * 1024 + 1024) + 7 * 2 * square + (1024 * 10 + 10) + (1024 + 1));
}

TEST(SegmentLifter, HeadGainScalesTheLastLayersAndClearsTheirBiases) {
  SegmentLifter paper = Seeded(6, {16, 2, 1.0}), small = Seeded(6, {16, 2, 0.1});
  for (const auto& parameter : paper->named_parameters()) {
    const torch::Tensor other = small->named_parameters()[parameter.key()];
    const bool head = parameter.key().starts_with("depth.2.") || parameter.key().starts_with("elevation.2.");
    if (!head) {
      EXPECT_TRUE(torch::equal(other, parameter.value())) << parameter.key();
    } else if (parameter.key().ends_with("weight")) {
      EXPECT_LT(Difference(other, 0.1 * parameter.value()), 1e-8) << parameter.key();
    } else {
      EXPECT_EQ(other.abs().max().item<double>(), 0) << parameter.key();
      EXPECT_GT(parameter.value().abs().max().item<double>(), 0) << parameter.key();
    }
  }
}

TEST(SegmentLifter, HeadGainZeroStartsFlat) {
  SegmentLifter lifter = Seeded(6, {16, 2, 0.0});
  const torch::Tensor shared = lifter->Shared(Columns(6));
  EXPECT_EQ(lifter->DepthOffset(shared).abs().max().item<double>(), 0);
  EXPECT_EQ(lifter->Elevation(shared).abs().max().item<double>(), 0);
}

TEST(SegmentLifter, StandardisesOnlyWhenAskedTo) {
  const torch::Tensor columns = Columns(6), samples = 3 + 0.1 * torch::randn({400, 12}, torch::kFloat64);
  const torch::Tensor standardised = (columns - samples.mean(0)) / samples.std(0, /*unbiased=*/false);
  for (bool standardise : {false, true}) {
    SegmentLifter lifter = Seeded(6, {16, 2, 1.0, standardise});
    const test::PlainLifter plain(*lifter, 2);
    lifter->FitStandardisation(samples);
    const torch::Tensor seen = standardise ? standardised : columns;
    EXPECT_LT(Difference(lifter->DepthOffset(lifter->Shared(columns)), plain.DepthOffset(seen)), 1e-10);
  }
}

TEST(SegmentLifter, GradientsReachEveryParameter) {
  SegmentLifter lifter = Seeded(6, {16, 2});
  const torch::Tensor columns = Columns(6);
  const auto loss = [&] {
    const torch::Tensor shared = lifter->Shared(columns);
    return lifter->DepthOffset(shared).square().sum() + lifter->Elevation(shared).sin().sum();
  };
  loss().backward();
  const torch::NoGradGuard no_grad;
  for (const auto& parameter : lifter->named_parameters()) {
    const torch::Tensor entries = parameter.value().view({-1}),
                        gradient = parameter.value().grad().view({-1});
    const int64_t entry = gradient.abs().argmax().item<int64_t>();
    const double start = entries[entry].item<double>();
    const auto value = [&](double entry_value) {
      entries[entry] = entry_value;
      return loss().item<double>();
    };
    const double expected = (value(start + 1e-6) - value(start - 1e-6)) / 2e-6;
    entries[entry] = start;
    EXPECT_NE(expected, 0) << parameter.key();
    EXPECT_NEAR(gradient[entry].item<double>(), expected, 1e-7 + 1e-5 * std::abs(expected))
        << parameter.key();
  }
}

TEST(SegmentLifter, RefusesOtherInputs) {
  SegmentLifter lifter(6, LifterOptions{8, 1});
  EXPECT_THROW(lifter->Shared(torch::zeros({3, 11})), Error);
}

}  // namespace
}  // namespace links
