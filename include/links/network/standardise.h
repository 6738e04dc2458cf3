#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

namespace links {

/// (x - mean) / deviation per column, an option in front of flows, lifters and fillers: 2D coordinates in
/// normalised units are of the order of 1/20. Starts as the identity; a column without variance keeps
/// deviation 1.
class StandardiseImpl : public torch::nn::Module {
 public:
  /// stack: how many networks side by side have statistics of their own, 0 = one set without a leading
  /// dimension.
  explicit StandardiseImpl(int64_t columns, int64_t stack = 0);

  /// Takes mean and deviation from samples: (N, columns), of a stack (K, N, columns), each for the next S / K
  /// networks.
  void Fit(const torch::Tensor& samples);

  torch::Tensor forward(const torch::Tensor& x) { return (x - mean) / deviation; }
  torch::Tensor Inverse(const torch::Tensor& z) { return z * deviation + mean; }
  /// log |det| of forward, nats: 0-dimensional, of a stack (S, 1).
  torch::Tensor LogDet() { return -deviation.log().sum(-1); }

  torch::Tensor mean;       ///< (columns), of a stack (S, 1, columns)
  torch::Tensor deviation;  ///< as mean
};
TORCH_MODULE(Standardise);

}  // namespace links
