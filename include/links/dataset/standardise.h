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
  explicit StandardiseImpl(int64_t columns);

  /// Takes mean and deviation from samples: (N, columns).
  void Fit(const torch::Tensor& samples);

  torch::Tensor forward(const torch::Tensor& x) { return (x - mean) / deviation; }
  torch::Tensor Inverse(const torch::Tensor& z) { return z * deviation + mean; }
  /// log |det| of forward: a 0-dimensional tensor, nats.
  torch::Tensor LogDet() { return -deviation.log().sum(); }

  torch::Tensor mean;       ///< (columns)
  torch::Tensor deviation;  ///< (columns)
};
TORCH_MODULE(Standardise);

}  // namespace links
