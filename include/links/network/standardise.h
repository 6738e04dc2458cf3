#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

namespace links {

/// (x - mean) / deviation of each feature, an option in front of flows, lifters and fillers: 2D coordinates
/// in normalised units are of the order of 1/20. Starts as the identity; a feature without variance keeps
/// deviation 1.
class StandardiseImpl : public torch::nn::Module {
 public:
  /// One set of statistics for all: (features).
  explicit StandardiseImpl(int64_t features);
  /// Statistics of each network of a stack that uses these features, (S, ..., features) bool.
  explicit StandardiseImpl(const torch::Tensor& used);

  /// Fits mean and deviation to samples (..., N, features), whose leading dimensions are those of the
  /// stack, or of size 1 where networks share them.
  void Fit(const torch::Tensor& samples);

  torch::Tensor forward(const torch::Tensor& x) { return (x - mean) / deviation; }
  torch::Tensor Inverse(const torch::Tensor& z) { return z * deviation + mean; }
  /// log |det| of forward, nats: 0-dimensional, of a stack (S, ..., 1).
  torch::Tensor LogDet() { return -deviation.log().sum(-1); }

  torch::Tensor mean;       ///< (features), of a stack (S, ..., 1, features)
  torch::Tensor deviation;  ///< as mean
};
TORCH_MODULE(Standardise);

}  // namespace links
