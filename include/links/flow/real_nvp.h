#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <string>

#include "links/config/field.h"
#include "links/dataset/standardise.h"
#include "links/flow/pca.h"

namespace links {

struct FlowOptions {
  int64_t blocks = 8;
  int64_t width = 1024;
  int64_t hidden_layers = 1;
  double clamp = 2.0;
  std::string clamp_variant = "tanh_of_quotient";
  bool standardise = false;

  template <class V>
  void Fields(V& v) {
    v("blocks", blocks, Range{1, 64}, "coupling blocks of a flow");
    v("width", width, Range{1, 16384}, "hidden units of a coupling block's network");
    v("hidden_layers", hidden_layers, Range{1, 8},
      "hidden layers of that network: 1 is the authors' code, 2 the paper's wording");
    v("clamp", clamp, Range{0.01, 20}, "bound on |log scale| of a block, nats");
    v("clamp_variant", clamp_variant, Choice{{"tanh_of_quotient", "tanh"}},
      "clamp * tanh(s / clamp), or the older clamp * tanh(s)");
    v("standardise", standardise,
      "standardise the flow's input by the training set's mean and deviation (paper: false)");
  }
};

/// What a flow returns: the latent (B, D) and log |det dz/dx| (B), nats.
struct FlowOutput {
  torch::Tensor z;
  torch::Tensor log_det;
};

/// One coupling block (method sec. 3): the passive half of the channels scales and shifts the active half,
/// then all channels are scaled, shifted and turned by a fixed random rotation.
class CouplingBlockImpl : public torch::nn::Module {
 public:
  CouplingBlockImpl(int64_t channels, const FlowOptions& options);

  /// x: (B, D) -> y (B, D) and log |det dy/dx| (B).
  FlowOutput forward(const torch::Tensor& x);
  /// y: (B, D) -> x (B, D).
  torch::Tensor Inverse(const torch::Tensor& y);

 private:
  // Log scale and shift of the active channels from the passive ones, each (B, D2).
  std::pair<torch::Tensor, torch::Tensor> ScaleAndShift(const torch::Tensor& passive);
  // The channels' scale 0.1 softplus(g), (D).
  torch::Tensor ChannelScale() const;

  int64_t passive_;
  int64_t active_;
  double clamp_;
  double clamp_input_;  // what s is divided by inside the tanh
  torch::nn::Sequential network_;
  torch::Tensor scale_;     // g, (D)
  torch::Tensor offset_;    // (D)
  torch::Tensor rotation_;  // (D, D), fixed
};
TORCH_MODULE(CouplingBlock);

/// RealNVP flow over D coordinates, or over the first K principal components of D coordinates; then the
/// likelihood is that of the components.
class RealNvpImpl : public torch::nn::Module {
 public:
  /// components: K, 0 = no principal components.
  RealNvpImpl(int64_t dimensions, const FlowOptions& options, int64_t components = 0);

  /// x: (B, D) -> latent and log-determinant.
  FlowOutput forward(const torch::Tensor& x);
  /// z: (B, latent_dimensions) -> x (B, D).
  torch::Tensor Inverse(const torch::Tensor& z);
  /// 0.5 |z|^2 + latent_dimensions/2 ln 2 pi - log |det|, nats: (B, D) -> (B).
  torch::Tensor NegativeLogLikelihood(const torch::Tensor& x);
  /// Takes principal components and standardisation, where the options ask for them, from the training data
  /// (B, D).
  void Fit(const torch::Tensor& samples);

  int64_t dimensions() const { return dimensions_; }
  int64_t latent_dimensions() const { return latent_dimensions_; }

 private:
  int64_t dimensions_;
  int64_t latent_dimensions_;
  bool fits_standardisation_;
  Pca pca_{nullptr};  // null without principal components
  Standardise standardise_{nullptr};
  torch::nn::ModuleList blocks_;
};
TORCH_MODULE(RealNvp);

}  // namespace links
