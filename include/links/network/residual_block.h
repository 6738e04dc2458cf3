#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "links/network/stacked_linear.h"

namespace links {

/// x + LReLU(L2 LReLU(L1 x)) followed by LReLU, all of one width, of S networks: (N, ..., B, W) ->
/// (N, ..., B, W).
class ResidualBlockImpl : public torch::nn::Module {
 public:
  /// features: (S, ..., W) bool.
  explicit ResidualBlockImpl(const torch::Tensor& features);
  torch::Tensor forward(const torch::Tensor& x, int64_t first = 0);

 private:
  StackedLinear first_, second_;
};
TORCH_MODULE(ResidualBlock);

}  // namespace links
