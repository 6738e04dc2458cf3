#pragma once

#include <torch/types.h>

#include <limits>

namespace links::test {

/// The largest |a - b|; infinite when the shapes differ. NaN stays NaN, which no EXPECT_LT accepts.
inline double Difference(const torch::Tensor& a, const torch::Tensor& b) {
  if (a.sizes() != b.sizes()) return std::numeric_limits<double>::infinity();
  return (a.to(torch::kFloat64) - b.to(torch::kFloat64)).abs().max().item<double>();
}

}  // namespace links::test
