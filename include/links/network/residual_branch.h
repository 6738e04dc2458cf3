#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "links/network/residual_block.h"
#include "links/network/stacked_linear.h"

namespace links {

/// Residual blocks of one width and a last linear layer, of S networks: (N, ..., B, W) ->
/// (N, ..., B, out).
class ResidualBranchImpl : public torch::nn::Module {
 public:
  /// outputs: (S, ..., out) bool, see StackedLinear. head_gain: factor on the last layer's initial weights,
  /// whose biases start at 0 when it is not 1.
  ResidualBranchImpl(int64_t width, int64_t blocks, const torch::Tensor& outputs, double head_gain = 1);
  torch::Tensor forward(const torch::Tensor& x, int64_t first = 0);

 private:
  torch::nn::ModuleList blocks_;
  StackedLinear head_;
};
TORCH_MODULE(ResidualBranch);

/// A linear layer in front of a residual branch: (N, ..., B, in) ->
/// (N, ..., B, out).
class ResidualNetworkImpl : public torch::nn::Module {
 public:
  ResidualNetworkImpl(const torch::Tensor& inputs, int64_t width, int64_t blocks,
                      const torch::Tensor& outputs, double head_gain = 1);
  torch::Tensor forward(const torch::Tensor& x, int64_t first = 0);

 private:
  StackedLinear entry_;
  ResidualBranch branch_;
};
TORCH_MODULE(ResidualNetwork);

}  // namespace links
