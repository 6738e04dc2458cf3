#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

namespace links {

struct ProductOptions;

/// Linear layers of S networks side by side, as one batched product, of one run or of an ensemble
/// (ensemble.h). Networks of different sizes share the features of the largest; what a network does not use
/// has weight 0 and stays 0.
class StackedLinearImpl : public torch::nn::Module {
 public:
  /// inputs: (S, ..., in) and outputs: (S, ..., out), bool: the features that each network uses. Weights and
  /// biases start uniform within 1 / sqrt(inputs used), as torch::nn::Linear's.
  StackedLinearImpl(const torch::Tensor& inputs, const torch::Tensor& outputs);

  /// x W^T + b. x: (N, ..., B, in), 0 in unused features, for the N networks from `first` on ->
  /// (N, ..., B, out).
  torch::Tensor forward(const torch::Tensor& x, int64_t first = 0);
  /// LReLU(x W^T + b) with the slope for negative values; 0 is ReLU.
  torch::Tensor Activated(const torch::Tensor& x, double slope, int64_t first = 0);
  /// LReLU(residual + LReLU(x W^T + b)). residual: (N, ..., B, out).
  torch::Tensor Residual(const torch::Tensor& x, const torch::Tensor& residual, double slope,
                         int64_t first = 0);

  /// Multiplies the weights and sets the biases to 0.
  void Scale(double gain);
  /// Rounds the operands of its products to bfloat16 from here on; sums, weights and gradients stay float32.
  void UseBfloat16() { bfloat16_ = true; }

  torch::Tensor weight;  ///< (S, ..., out, in)
  torch::Tensor bias;    ///< (S, ..., 1, out)

 private:
  torch::Tensor Product(const torch::Tensor& x, int64_t first, ProductOptions options);

  bool bfloat16_ = false;
};
TORCH_MODULE(StackedLinear);

/// x A + b of each network, a Float32Product: x (N, ..., B, in), factors (N, ..., in, out), offsets (N, ...,
/// 1, out) -> (N, ..., B, out).
torch::Tensor StackedAffine(const torch::Tensor& x, const torch::Tensor& factors,
                            const torch::Tensor& offsets);

/// UseBfloat16 of every layer of a module.
void UseBfloat16(torch::nn::Module& module);

/// Features of S networks that all use all of them: (S, features) bool.
torch::Tensor AllFeatures(int64_t stack, int64_t features);
/// The same for as many networks as `mask`, (S, ..., C), has: (S, ..., features).
torch::Tensor AllFeatures(const torch::Tensor& mask, int64_t features);

}  // namespace links
