#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "links/network/float32_product.h"

namespace links {

/// The first principal components of the training data, centred, not whitened (ElePose: 26 of 34), an option
/// in front of a flow. Starts as the first columns themselves.
class PcaImpl : public torch::nn::Module {
 public:
  PcaImpl(int64_t columns, int64_t components);

  /// Fits mean and components, by falling variance, to samples (N, columns). The sign of a component makes
  /// its largest entry positive.
  void Fit(const torch::Tensor& samples);

  /// (B, columns) -> (B, components).
  torch::Tensor forward(const torch::Tensor& x) { return Float32Product(x - mean, basis); }
  /// The point of the components' subspace: (B, components) -> (B, columns).
  torch::Tensor Inverse(const torch::Tensor& y) { return Float32Product(y, basis.t()) + mean; }

  torch::Tensor mean;   ///< (columns)
  torch::Tensor basis;  ///< (columns, components), orthonormal
};
TORCH_MODULE(Pca);

}  // namespace links
