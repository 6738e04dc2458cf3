#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "links/config/field.h"
#include "links/flow/coupling.h"
#include "links/flow/pca.h"
#include "links/network/standardise.h"

namespace links {

/// How a block's log scale s is bounded.
enum class ClampVariant { kTanhOfQuotient, kTanh };

struct FlowOptions {
  int64_t blocks = 8;
  int64_t width = 1024;
  int64_t hidden_layers = 1;
  double clamp = 2.0;
  ClampVariant clamp_variant = ClampVariant::kTanhOfQuotient;
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

/// What flows return: the latents (S, ..., B, D) and log |det dz/dx| (S, ..., B), nats.
struct FlowOutput {
  torch::Tensor z;
  torch::Tensor log_det;
};

/// How the channels of S flows lie side by side: in each half the flow's own channels come first, then 0.
struct ChannelLayout {
  explicit ChannelLayout(const std::vector<int64_t>& channels);

  /// The index of each channel of flow `n`, (channels of n) int64.
  torch::Tensor Indices(int64_t n) const;

  std::vector<int64_t> channels;
  int64_t passive = 0, active = 0;  ///< channels of the passive and of the active half
  torch::Tensor used;               ///< (S, passive + active) bool
};

/// An affine coupling of S flows, and the ActNorm and the permutation that follow it. "..." is R of an
/// ensemble (network/ensemble.h).
class CouplingBlockImpl : public torch::nn::Module {
 public:
  CouplingBlockImpl(const ChannelLayout& layout, const FlowOptions& options, int64_t runs);

  /// The passive half of the channels scales and shifts the active half, then z = y factors + offsets.
  /// x: (N, ..., B, D) of the N flows from `first` on, factors (N, ..., D, D), offsets (N, ..., 1, D).
  Coupling forward(const torch::Tensor& x, int64_t first, const torch::Tensor& factors,
                   const torch::Tensor& offsets);
  /// The inverse of the coupling: (N, ..., B, D) -> x (N, ..., B, D).
  torch::Tensor Inverse(const torch::Tensor& y, int64_t first);

  torch::Tensor actnorm_scale;   ///< g of the scale 0.1 softplus(g), (S, ..., 1, D)
  torch::Tensor actnorm_offset;  ///< (S, ..., 1, D)
  torch::Tensor permutation;     ///< a random rotation, (S, ..., D, D), fixed
  torch::Tensor used;            ///< (S, ..., 1, D), 1 or 0

 private:
  // Raw log scales and shifts of the active channels from the passive ones, (N, ..., B, 2 active).
  torch::Tensor Network(const torch::Tensor& x, int64_t first);

  int64_t passive_;  // channels
  SoftClamp clamp_;
  torch::nn::ModuleList network_;
};
TORCH_MODULE(CouplingBlock);

/// S RealNVP flows (Dinh et al., ICLR 2017; paper sec. 3.2) of the same options side by side, each over its
/// own number of coordinates: in each block an affine coupling, an ActNorm and a soft permutation, a fixed
/// random rotation of the channels. Flows over the same coordinates may see the first K principal components
/// of them, then the likelihood is that of the components. Channels are laid out as `layout` says.
class RealNvpImpl : public torch::nn::Module {
 public:
  /// components: K, 0 = no principal components. runs: R of an ensemble (network/ensemble.h).
  RealNvpImpl(const std::vector<int64_t>& dimensions, const FlowOptions& options, int64_t components = 0,
              int64_t runs = 1);
  /// A single flow.
  RealNvpImpl(int64_t dimensions, const FlowOptions& options, int64_t components = 0);

  /// z = f(x). x: (N, ..., B, D) of the N flows from `first` on, or (B, D) of a single one -> latents and
  /// log-determinants, of shape (N, ..., B, D) and (N, ..., B), or (B, D) and (B).
  FlowOutput forward(const torch::Tensor& x, int64_t first = 0);
  /// x = f^-1(z) of all flows. z: (S, ..., B, D of the latents) -> x (S, ..., B, D), or of a single one (B,
  /// D).
  torch::Tensor Inverse(const torch::Tensor& z);
  /// Eq. 2, the negative logarithm of p(x) = N(f(x); 0, I) |det df/dx|, nats: 0.5 |z|^2 +
  /// latent_dimensions/2 ln 2 pi - log |det|. x as forward -> (N, ..., B) or (B).
  torch::Tensor NegativeLogLikelihood(const torch::Tensor& x, int64_t first = 0);
  /// Fits principal components and standardisation, where the options ask for them, to the training data:
  /// (N, D) for all flows, or (S, N, D), the same for all runs of an ensemble.
  void Fit(const torch::Tensor& samples);

  const ChannelLayout& layout() const { return layout_; }
  int64_t dimensions() const { return dimensions_; }
  /// Dimensions of the first flow's latent.
  int64_t latent_dimensions() const { return layout_.channels.front(); }

 private:
  // ActNorm and permutation of each block, P (scale * h + offset), as h A + b, or the inverse of it; computed
  // for all blocks at once.
  struct Affine {
    std::vector<torch::Tensor> factors;  // A, (N, ..., D, D)
    std::vector<torch::Tensor> offsets;  // b, (N, ..., 1, D)
    torch::Tensor log_det;               // of all blocks, (N, ..., 1)
  };
  Affine ActNormPermutation(int64_t first, int64_t count);
  Affine InverseActNormPermutation();
  // 0.1 softplus(g), offsets and permutations of K blocks: (K, N, ..., 1, D) twice, (K, N, ..., D, D).
  std::array<torch::Tensor, 3> ActNormParameters(int64_t first, int64_t count);

  int64_t dimensions_;  // coordinates of an input
  ChannelLayout layout_;
  bool fits_standardisation_;
  Pca pca_{nullptr};  // null without principal components
  Standardise standardise_{nullptr};
  torch::nn::ModuleList blocks_;
  torch::Tensor constant_;  // D/2 ln 2 pi of each flow, (S, ..., 1)
};
TORCH_MODULE(RealNvp);

}  // namespace links
