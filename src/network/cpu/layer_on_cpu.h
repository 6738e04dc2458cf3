#pragma once

#include <torch/types.h>

namespace links {

// A layer of N networks in float32 on a CPU: parts of it, each on one thread and in its core's cache from the
// product to the end of what belongs to it. Tensors as in stacked_product.h; those that are written are
// contiguous. bfloat16: products have their operands rounded to it, and run on the processor's units for them
// where it has some.

/// inner = LReLU(x W^T + b) and, with a residual, y = LReLU(inner + residual); `inner` may be `y`.
/// slope: for negative values, 1 = no LReLU.
void ForwardOnCpu(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                  const torch::Tensor& residual, float slope, bool bfloat16, torch::Tensor& inner,
                  torch::Tensor& y);

/// Gradients of a layer from that of its y, `of_y`; what is undefined is not needed.
struct LayerGradients {
  torch::Tensor of_y, inner, y;  ///< inner: undefined = no LReLU; y: undefined = no residual
  torch::Tensor of_residual;     ///< out, with y
  torch::Tensor of_product;      ///< out, with inner; otherwise the same as of_y
  torch::Tensor weight, of_x;    ///< of_x: out
  torch::Tensor x, of_weight;    ///< of_weight: added to
  torch::Tensor of_bias;         ///< added to
};
void BackwardOnCpu(const LayerGradients& gradients, float slope, bool bfloat16);

}  // namespace links
