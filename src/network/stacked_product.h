#pragma once

#include <torch/types.h>

#include <optional>

namespace links {

/// How a product is made and what follows it.
struct ProductOptions {
  std::optional<double> slope;  ///< LReLU with this slope for negative values; none = nothing
  bool bfloat16 = false;        ///< operands rounded to bfloat16, sums in float32
  torch::Tensor residual = {};  ///< added after it, and then LReLU again; undefined = none. (N, ..., B, out)
};

/// x W^T + b and what follows, of the networks from `first` on: x (N, ..., B, in), weight (S, ..., out, in),
/// bias (S, ..., 1, out) -> (N, ..., B, out). On a CPU the work is cut into parts that stay in a core's cache
/// from the product to the end of its epilogue. Where parameters have memory for their gradients already
/// (Adam's), the backward product adds there.
torch::Tensor StackedProduct(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                             int64_t first, const ProductOptions& options);

}  // namespace links
