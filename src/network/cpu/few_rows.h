#pragma once

#include <torch/types.h>

namespace links {

/// Rows up to which a product is as slow as reading its weights.
inline constexpr int64_t kFewRows = 4;

/// y = LReLU(x W^T + b) in float32 on a CPU, the weights read once: x (N, rows, in), weight (N, out, in),
/// whose rows are contiguous, bias (N, 1, out) -> y (N, rows, out), contiguous. slope: for negative values, 1
/// = no LReLU. (A library's product first copies its operands, for which such a product has no time.)
void ProductOfFewRows(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                      float slope, torch::Tensor& y);

}  // namespace links
