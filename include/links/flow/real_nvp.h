#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

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

/// What flows return: the latents (S, B, D) and log |det dz/dx| (S, B), nats.
struct FlowOutput {
  torch::Tensor z;
  torch::Tensor log_det;
};

/// Where the channels of S flows lie side by side: in each half the flow's own channels come first, then 0.
struct ChannelLayout {
  explicit ChannelLayout(const std::vector<int64_t>& channels);

  /// The place of each channel of flow `n`, (channels of n) int64.
  torch::Tensor Places(int64_t n) const;

  std::vector<int64_t> channels;
  int64_t passive = 0, active = 0;  ///< columns of the passive and of the active half
  torch::Tensor used;               ///< (S, passive + active) bool
};

/// One coupling block of S flows (method sec. 3): the passive half of the channels scales and shifts the
/// active half, then all channels are scaled, shifted and turned by a fixed random rotation.
class CouplingBlockImpl : public torch::nn::Module {
 public:
  CouplingBlockImpl(const ChannelLayout& layout, const FlowOptions& options);

  /// x: (N, B, D) of the N flows from `first` on -> y (N, B, D) and log |det dy/dx| (N, B).
  FlowOutput forward(const torch::Tensor& x, int64_t first);
  /// y: (N, B, D) -> x (N, B, D).
  torch::Tensor Inverse(const torch::Tensor& y, int64_t first);

 private:
  // Log scale and shift of the active channels from the passive ones, each (N, B, active).
  std::pair<torch::Tensor, torch::Tensor> ScaleAndShift(const torch::Tensor& passive, int64_t first);
  // The channels' scale 0.1 softplus(g), (N, 1, D).
  torch::Tensor ChannelScale(int64_t first, int64_t count) const;

  int64_t passive_;
  int64_t active_;
  double clamp_;
  double clamp_input_;  // what s is divided by inside the tanh
  torch::nn::ModuleList network_;
  torch::Tensor scale_;     // g, (S, 1, D)
  torch::Tensor offset_;    // (S, 1, D)
  torch::Tensor rotation_;  // (S, D, D), fixed
  torch::Tensor used_;      // (S, 1, D), 1 or 0
};
TORCH_MODULE(CouplingBlock);

/// S RealNVP flows of the same options side by side, each over its own number of coordinates. Flows over the
/// same coordinates may see the first K principal components of them, then the likelihood is that of the
/// components. Columns are laid out as `layout` says.
class RealNvpImpl : public torch::nn::Module {
 public:
  /// components: K, 0 = no principal components.
  RealNvpImpl(const std::vector<int64_t>& dimensions, const FlowOptions& options, int64_t components = 0);
  /// A single flow.
  RealNvpImpl(int64_t dimensions, const FlowOptions& options, int64_t components = 0);

  /// x: (N, B, D) of the N flows from `first` on, or (B, D) of a single one -> latents and log-determinants,
  /// of shape (N, B, D) and (N, B), or (B, D) and (B).
  FlowOutput forward(const torch::Tensor& x, int64_t first = 0);
  /// The inverse of all flows. z: (S, B, D of the latents) -> x (S, B, D), or of a single one (B, D).
  torch::Tensor Inverse(const torch::Tensor& z);
  /// 0.5 |z|^2 + latent_dimensions/2 ln 2 pi - log |det|, nats: x as forward -> (N, B) or (B).
  torch::Tensor NegativeLogLikelihood(const torch::Tensor& x, int64_t first = 0);
  /// Takes principal components and standardisation, where the options ask for them, from the training data:
  /// (B, D) for all flows, or (K, B, D), each for the next S / K of them.
  void Fit(const torch::Tensor& samples);

  const ChannelLayout& layout() const { return layout_; }
  int64_t dimensions() const { return dimensions_; }
  /// Dimensions of the first flow's latent.
  int64_t latent_dimensions() const { return layout_.channels.front(); }

 private:
  int64_t dimensions_;  // columns of an input
  ChannelLayout layout_;
  bool fits_standardisation_;
  Pca pca_{nullptr};  // null without principal components
  Standardise standardise_{nullptr};
  torch::nn::ModuleList blocks_;
  torch::Tensor constant_;  // D/2 ln 2 pi of each flow, (S, 1)
};
TORCH_MODULE(RealNvp);

}  // namespace links
