#include "links/flow/real_nvp.h"

#include <torch/nn/modules/container/modulelist.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "links/core/error.h"
#include "links/geometry/shapes.h"
#include "links/network/ensemble.h"
#include "links/network/float32_product.h"
#include "links/network/stacked_linear.h"

namespace links {
namespace {

constexpr double kRelu = 0;  // slope for negative values
constexpr double kNetworkGain = 0.1;
constexpr double kChannelGain = 0.1;
constexpr double kSoftplusBeta = 0.5;

// A rotation drawn uniformly from SO(D): Gram-Schmidt of a Gaussian matrix, signs as of R's diagonal,
// determinant 1.
torch::Tensor RandomRotation(int64_t channels) {
  const auto [q, r] = torch::linalg_qr(torch::randn({channels, channels}, torch::kFloat64), "reduced");
  torch::Tensor rotation = q * r.diagonal().sign();
  if (torch::linalg_det(rotation).item<double>() < 0) rotation.select(1, 0).neg_();
  return rotation.to(torch::kFloat32);
}

}  // namespace

ChannelLayout::ChannelLayout(const std::vector<int64_t>& of_each) : channels(of_each) {
  for (const int64_t count : channels) {
    passive = std::max(passive, count - count / 2);
    active = std::max(active, count / 2);
  }
  used = torch::zeros({static_cast<int64_t>(channels.size()), passive + active}, torch::kBool);
  for (int64_t n = 0; n < used.size(0); ++n) used[n].index_fill_(0, Indices(n), true);
}

torch::Tensor ChannelLayout::Indices(int64_t n) const {
  const int64_t own = channels[n], own_passive = own - own / 2;
  const torch::Tensor indices = torch::arange(own);
  return torch::where(indices < own_passive, indices, indices + (passive - own_passive));
}

CouplingBlockImpl::CouplingBlockImpl(const ChannelLayout& layout, const FlowOptions& options, int64_t runs)
    : passive_(layout.passive),
      clamp_{kNetworkGain, options.clamp, options.clamp_variant == ClampVariant::kTanh ? 1.0 : options.clamp},
      network_(register_module("network", torch::nn::ModuleList())) {
  const torch::Tensor channels = ForEachRun(layout.used, runs);  // (S, ..., D)
  const torch::Tensor active = channels.narrow(-1, layout.passive, layout.active);
  torch::Tensor inputs = channels.narrow(-1, 0, layout.passive);
  for (int64_t layer = 0; layer < options.hidden_layers; ++layer) {
    network_->push_back(StackedLinear(inputs, AllFeatures(channels, options.width)));
    inputs = AllFeatures(channels, options.width);
  }
  network_->push_back(StackedLinear(inputs, torch::cat({active, active}, -1)));
  // 0.1 softplus(g) = 1 at the start.
  const double unit_scale = std::log(std::expm1(kSoftplusBeta / kChannelGain)) / kSoftplusBeta;
  used = register_buffer("used", channels.unsqueeze(-2).to(torch::kFloat32).contiguous());
  actnorm_scale = register_parameter("actnorm_scale", torch::full(used.sizes(), unit_scale));
  actnorm_offset = register_parameter("actnorm_offset", torch::zeros(used.sizes()));
  std::vector<int64_t> square = used.sizes().vec();
  square[square.size() - 2] = square.back();
  permutation = register_buffer("permutation", torch::zeros(square));
  for (int64_t n = 0; n < used.size(0); ++n) {
    const torch::Tensor indices = layout.Indices(n);
    for (torch::Tensor own : permutation[n].view({-1, used.size(-1), used.size(-1)}).unbind())
      own.index_put_({indices.unsqueeze(1), indices}, RandomRotation(layout.channels[n]));
  }
}

torch::Tensor CouplingBlockImpl::Network(const torch::Tensor& x, int64_t first) {
  torch::Tensor h = x.narrow(-1, 0, passive_);
  for (size_t layer = 0; layer + 1 < network_->size(); ++layer)
    h = network_[layer]->as<StackedLinear>()->Activated(h, kRelu, first);
  return network_[network_->size() - 1]->as<StackedLinear>()->forward(h, first);
}

Coupling CouplingBlockImpl::forward(const torch::Tensor& x, int64_t first, const torch::Tensor& factors,
                                    const torch::Tensor& offsets) {
  const torch::Tensor used_active =
      used.narrow(0, first, x.size(0)).narrow(-1, passive_, used.size(-1) - passive_);
  return CoupleAndTurn({x, Network(x, first), factors, offsets, used_active}, clamp_);
}

torch::Tensor CouplingBlockImpl::Inverse(const torch::Tensor& y, int64_t first) {
  return Uncouple(y, Network(y, first), clamp_);
}

RealNvpImpl::RealNvpImpl(const std::vector<int64_t>& dimensions, const FlowOptions& options,
                         int64_t components, int64_t runs)
    : layout_(components > 0 ? std::vector<int64_t>(dimensions.size(), components) : dimensions),
      fits_standardisation_(options.standardise) {
  dimensions_ = components > 0 ? dimensions.front() : layout_.used.size(1);
  if (components > dimensions_) {
    throw UsageError("expected at most ", dimensions_, " principal components of a pose, found ", components);
  }
  standardise_ = register_module("standardise", Standardise(ForEachRun(layout_.used, runs)));
  for (int64_t block = 0; block < options.blocks; ++block)
    blocks_->push_back(CouplingBlock(layout_, options, runs));
  register_module("blocks", blocks_);
  const torch::Tensor channels = ForEachRun(layout_.used, runs).sum(-1, /*keepdim=*/true).to(torch::kFloat32);
  constant_ = register_buffer("constant", 0.5 * std::log(2 * std::numbers::pi) * channels);
  if (components > 0) pca_ = register_module("pca", Pca(dimensions_, components));
}

RealNvpImpl::RealNvpImpl(int64_t dimensions, const FlowOptions& options, int64_t components)
    : RealNvpImpl(std::vector<int64_t>{dimensions}, options, components) {}

std::array<torch::Tensor, 3> RealNvpImpl::ActNormParameters(int64_t first, int64_t count) {
  std::vector<torch::Tensor> scales, offsets, permutations;
  for (const auto& module : *blocks_) {
    const auto* block = module->as<CouplingBlock>();
    scales.push_back(block->actnorm_scale);
    offsets.push_back(block->actnorm_offset);
    permutations.push_back(block->permutation);
  }
  const auto own = [&](const std::vector<torch::Tensor>& of_blocks) {
    return torch::stack(of_blocks).narrow(1, first, count);
  };
  return {kChannelGain * torch::softplus(own(scales), kSoftplusBeta), own(offsets), own(permutations)};
}

RealNvpImpl::Affine RealNvpImpl::ActNormPermutation(int64_t first, int64_t count) {
  const auto [scale, offset, permutation] = ActNormParameters(first, count);
  // Channels that a flow has not would learn to scale, were their scales counted.
  const torch::Tensor used = blocks_[0]->as<CouplingBlock>()->used.narrow(0, first, count);
  return {(permutation * scale).transpose(-1, -2).unbind(),
          Float32Product(offset, permutation.transpose(-1, -2)).unbind(),
          (scale.log() * used).sum(torch::IntArrayRef({0, -1}))};
}

RealNvpImpl::Affine RealNvpImpl::InverseActNormPermutation() {
  const auto [scale, offset, permutation] = ActNormParameters(0, layout_.used.size(0));
  return {(permutation / scale).unbind(), (-offset / scale).unbind(), {}};
}

FlowOutput RealNvpImpl::forward(const torch::Tensor& x, int64_t first) {
  if (x.dim() == 2) {
    const FlowOutput single = forward(x.unsqueeze(0), first);
    return {single.z.squeeze(0), single.log_det.squeeze(0)};
  }
  CheckLastSizes(x, {-1, -1, dimensions_}, "flow input");
  const int64_t count = x.size(0);
  const auto own = [&](const torch::Tensor& of_stack) { return of_stack.narrow(0, first, count); };
  const Affine affine = ActNormPermutation(first, count);
  torch::Tensor z = ((pca_ ? pca_(x) : x) - own(standardise_->mean)) / own(standardise_->deviation);
  std::vector<torch::Tensor> log_dets;
  for (size_t k = 0; k < blocks_->size(); ++k) {
    const Coupling coupling =
        blocks_[k]->as<CouplingBlock>()->forward(z, first, affine.factors[k], affine.offsets[k]);
    z = coupling.z;
    log_dets.push_back(coupling.log_det);
  }
  const torch::Tensor log_coupled = torch::cat(log_dets, -1).sum(-1);
  return {z, log_coupled + (affine.log_det + own(standardise_->LogDet()))};
}

torch::Tensor RealNvpImpl::Inverse(const torch::Tensor& z) {
  if (z.dim() == 2) return Inverse(z.unsqueeze(0)).squeeze(0);
  CheckLastSizes(z, {-1, -1, layout_.used.size(1)}, "flow latent");
  const Affine affine = InverseActNormPermutation();
  torch::Tensor x = z;
  for (size_t k = blocks_->size(); k-- > 0;) {
    x = blocks_[k]->as<CouplingBlock>()->Inverse(StackedAffine(x, affine.factors[k], affine.offsets[k]), 0);
  }
  x = standardise_->Inverse(x);
  return pca_ ? pca_->Inverse(x) : x;
}

// Eq. 2.
torch::Tensor RealNvpImpl::NegativeLogLikelihood(const torch::Tensor& x, int64_t first) {
  const FlowOutput output = forward(x, first);
  const torch::Tensor constant =
      x.dim() == 2 ? constant_.select(0, first) : constant_.narrow(0, first, x.size(0));
  return 0.5 * output.z.square().sum(-1) - output.log_det + constant;
}

void RealNvpImpl::Fit(const torch::Tensor& samples) {
  if (pca_) pca_->Fit(samples.flatten(0, -2));
  if (!fits_standardisation_) return;
  const torch::Tensor seen = pca_ ? pca_(samples) : samples;
  // (S, N, D) -> (S, 1, N, D) where the statistics are of an ensemble's networks.
  standardise_->Fit(seen.dim() == 3 ? InsertAxes(seen, 1, standardise_->mean.dim()) : seen);
}

}  // namespace links
