#include "links/flow/real_nvp.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "links/core/error.h"
#include "links/geometry/shapes.h"
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
  for (int64_t n = 0; n < used.size(0); ++n) used[n].index_fill_(0, Places(n), true);
}

torch::Tensor ChannelLayout::Places(int64_t n) const {
  const int64_t own = channels[n], own_passive = own - own / 2;
  const torch::Tensor places = torch::arange(own);
  return torch::where(places < own_passive, places, places + (passive - own_passive));
}

CouplingBlockImpl::CouplingBlockImpl(const ChannelLayout& layout, const FlowOptions& options)
    : halves_{layout.passive, layout.active},
      clamp_(options.clamp),
      clamp_input_(options.clamp_variant == "tanh" ? 1.0 : options.clamp),
      network_(register_module("network", torch::nn::ModuleList())) {
  const int64_t stack = layout.used.size(0), columns = layout.used.size(1);
  const torch::Tensor active = layout.used.narrow(1, layout.passive, layout.active);
  torch::Tensor inputs = layout.used.narrow(1, 0, layout.passive);
  for (int64_t layer = 0; layer < options.hidden_layers; ++layer) {
    network_->push_back(StackedLinear(inputs, AllFeatures(stack, options.width)));
    inputs = AllFeatures(stack, options.width);
  }
  network_->push_back(StackedLinear(inputs, torch::cat({active, active}, 1)));
  // 0.1 softplus(g) = 1 at the start.
  const double unit_scale = std::log(std::expm1(kSoftplusBeta / kChannelGain)) / kSoftplusBeta;
  scale = register_parameter("scale", torch::full({stack, 1, columns}, unit_scale));
  offset = register_parameter("offset", torch::zeros({stack, 1, columns}));
  rotation = register_buffer("rotation", torch::zeros({stack, columns, columns}));
  used = register_buffer("used", layout.used.unsqueeze(1).to(torch::kFloat32));
  for (int64_t n = 0; n < stack; ++n) {
    const torch::Tensor places = layout.Places(n);
    rotation[n].index_put_({places.unsqueeze(1), places}, RandomRotation(layout.channels[n]));
  }
}

std::pair<torch::Tensor, torch::Tensor> CouplingBlockImpl::ScaleAndShift(const torch::Tensor& passive,
                                                                         int64_t first) {
  torch::Tensor h = passive;
  for (size_t layer = 0; layer + 1 < network_->size(); ++layer)
    h = network_[layer]->as<StackedLinear>()->Activated(h, kRelu, first);
  const torch::Tensor output = network_[network_->size() - 1]->as<StackedLinear>()->forward(h, first);
  const std::vector<torch::Tensor> s_and_t = (output * kNetworkGain).chunk(2, 2);
  return {clamp_ * torch::tanh(s_and_t[0] / clamp_input_), s_and_t[1]};
}

std::pair<torch::Tensor, torch::Tensor> CouplingBlockImpl::Couple(const torch::Tensor& x, int64_t first) {
  const std::vector<torch::Tensor> half = x.split_with_sizes(halves_, 2);
  const auto [log_scale, shift] = ScaleAndShift(half[0], first);
  return {torch::cat({half[0], torch::addcmul(shift, half[1], log_scale.exp())}, 2), log_scale};
}

torch::Tensor CouplingBlockImpl::Uncouple(const torch::Tensor& y, int64_t first) {
  const std::vector<torch::Tensor> half = y.split_with_sizes(halves_, 2);
  const auto [log_scale, shift] = ScaleAndShift(half[0], first);
  return torch::cat({half[0], (half[1] - shift) / log_scale.exp()}, 2);
}

RealNvpImpl::RealNvpImpl(const std::vector<int64_t>& dimensions, const FlowOptions& options,
                         int64_t components)
    : layout_(components > 0 ? std::vector<int64_t>(dimensions.size(), components) : dimensions),
      fits_standardisation_(options.standardise) {
  dimensions_ = components > 0 ? dimensions.front() : layout_.used.size(1);
  if (components > dimensions_) {
    throw UsageError("expected at most ", dimensions_, " principal components of a pose, found ", components);
  }
  standardise_ = register_module("standardise", Standardise(layout_.used.size(1), layout_.used.size(0)));
  for (int64_t block = 0; block < options.blocks; ++block)
    blocks_->push_back(CouplingBlock(layout_, options));
  register_module("blocks", blocks_);
  const torch::Tensor channels = layout_.used.sum(1, /*keepdim=*/true).to(torch::kFloat32);
  constant_ = register_buffer("constant", 0.5 * std::log(2 * std::numbers::pi) * channels);
  if (components > 0) pca_ = register_module("pca", Pca(dimensions_, components));
}

RealNvpImpl::RealNvpImpl(int64_t dimensions, const FlowOptions& options, int64_t components)
    : RealNvpImpl(std::vector<int64_t>{dimensions}, options, components) {}

std::array<torch::Tensor, 3> RealNvpImpl::Channels(int64_t first, int64_t count) {
  std::vector<torch::Tensor> scales, offsets, rotations;
  for (const auto& module : *blocks_) {
    const auto* block = module->as<CouplingBlock>();
    scales.push_back(block->scale);
    offsets.push_back(block->offset);
    rotations.push_back(block->rotation);
  }
  const auto own = [&](const std::vector<torch::Tensor>& of_blocks) {
    return torch::stack(of_blocks).narrow(1, first, count);
  };
  return {kChannelGain * torch::softplus(own(scales), kSoftplusBeta), own(offsets), own(rotations)};
}

RealNvpImpl::Mixing RealNvpImpl::Mix(int64_t first, int64_t count) {
  const auto [scale, offset, rotation] = Channels(first, count);
  // Channels that a flow has not would learn to scale, were their scales counted.
  const torch::Tensor used = blocks_[0]->as<CouplingBlock>()->used.narrow(0, first, count);
  return {(rotation * scale).transpose(2, 3).unbind(), offset.matmul(rotation.transpose(2, 3)).unbind(),
          (scale.log() * used).sum(torch::IntArrayRef({0, 3}))};
}

RealNvpImpl::Mixing RealNvpImpl::InverseMix() {
  const auto [scale, offset, rotation] = Channels(0, layout_.used.size(0));
  return {(rotation / scale).unbind(), (-offset / scale).unbind(), {}};
}

FlowOutput RealNvpImpl::forward(const torch::Tensor& x, int64_t first) {
  if (x.dim() == 2) {
    const FlowOutput single = forward(x.unsqueeze(0), first);
    return {single.z.squeeze(0), single.log_det.squeeze(0)};
  }
  CheckShape(x, {-1, -1, dimensions_}, "flow input");
  const int64_t count = x.size(0);
  const auto own = [&](const torch::Tensor& of_stack) { return of_stack.narrow(0, first, count); };
  const Mixing mixing = Mix(first, count);
  torch::Tensor z = ((pca_ ? pca_(x) : x) - own(standardise_->mean)) / own(standardise_->deviation);
  std::vector<torch::Tensor> log_scales;
  for (size_t k = 0; k < blocks_->size(); ++k) {
    const auto [coupled, log_scale] = blocks_[k]->as<CouplingBlock>()->Couple(z, first);
    z = torch::baddbmm(mixing.offsets[k], coupled, mixing.factors[k]);
    log_scales.push_back(log_scale);
  }
  const torch::Tensor used =
      own(blocks_[0]->as<CouplingBlock>()->used).narrow(2, layout_.passive, layout_.active);
  const torch::Tensor log_coupled =
      (torch::cat(log_scales, 2) * used.repeat({1, 1, static_cast<int64_t>(blocks_->size())})).sum(2);
  return {z, log_coupled + (mixing.log_det + own(standardise_->LogDet()))};
}

torch::Tensor RealNvpImpl::Inverse(const torch::Tensor& z) {
  if (z.dim() == 2) return Inverse(z.unsqueeze(0)).squeeze(0);
  CheckShape(z, {layout_.used.size(0), -1, layout_.used.size(1)}, "flow latent");
  const Mixing mixing = InverseMix();
  torch::Tensor x = z;
  for (size_t k = blocks_->size(); k-- > 0;) {
    x = blocks_[k]->as<CouplingBlock>()->Uncouple(torch::baddbmm(mixing.offsets[k], x, mixing.factors[k]), 0);
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
  const torch::Tensor all = samples.dim() == 2 ? samples.unsqueeze(0) : samples;
  if (pca_) pca_->Fit(all.flatten(0, 1));
  if (fits_standardisation_) standardise_->Fit(pca_ ? pca_(all) : all);
}

}  // namespace links
