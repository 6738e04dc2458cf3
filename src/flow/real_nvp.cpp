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
    : passive_(layout.passive),
      active_(layout.active),
      clamp_(options.clamp),
      clamp_input_(options.clamp_variant == "tanh" ? 1.0 : options.clamp),
      network_(register_module("network", torch::nn::ModuleList())) {
  const int64_t stack = layout.used.size(0);
  const torch::Tensor active = layout.used.narrow(1, passive_, active_);
  torch::Tensor inputs = layout.used.narrow(1, 0, passive_);
  for (int64_t layer = 0; layer < options.hidden_layers; ++layer) {
    network_->push_back(StackedLinear(inputs, AllColumns(stack, options.width)));
    inputs = AllColumns(stack, options.width);
  }
  network_->push_back(StackedLinear(inputs, torch::cat({active, active}, 1)));
  // 0.1 softplus(g) = 1 at the start.
  const double unit_scale = std::log(std::expm1(kSoftplusBeta / kChannelGain)) / kSoftplusBeta;
  const int64_t columns = passive_ + active_;
  scale_ = register_parameter("scale", torch::full({stack, 1, columns}, unit_scale));
  offset_ = register_parameter("offset", torch::zeros({stack, 1, columns}));
  rotation_ = register_buffer("rotation", torch::zeros({stack, columns, columns}));
  used_ = register_buffer("used", layout.used.unsqueeze(1).to(torch::kFloat32));
  for (int64_t n = 0; n < stack; ++n) {
    const torch::Tensor places = layout.Places(n);
    rotation_[n].index_put_({places.unsqueeze(1), places}, RandomRotation(layout.channels[n]));
  }
}

std::pair<torch::Tensor, torch::Tensor> CouplingBlockImpl::ScaleAndShift(const torch::Tensor& passive,
                                                                         int64_t first) {
  torch::Tensor h = passive;
  for (size_t layer = 0; layer + 1 < network_->size(); ++layer)
    h = network_[layer]->as<StackedLinear>()->Activated(h, kRelu, first);
  const torch::Tensor output = network_[network_->size() - 1]->as<StackedLinear>()->forward(h, first);
  const torch::Tensor s = output.narrow(2, 0, active_), t = output.narrow(2, active_, active_);
  return {clamp_ * torch::tanh(s * (kNetworkGain / clamp_input_)), t * kNetworkGain};
}

torch::Tensor CouplingBlockImpl::ChannelScale(int64_t first, int64_t count) const {
  return kChannelGain * torch::softplus(scale_.narrow(0, first, count), kSoftplusBeta);
}

FlowOutput CouplingBlockImpl::forward(const torch::Tensor& x, int64_t first) {
  const int64_t count = x.size(0);
  const torch::Tensor passive = x.narrow(2, 0, passive_);
  const auto [log_scale, shift] = ScaleAndShift(passive, first);
  const torch::Tensor active = torch::addcmul(shift, x.narrow(2, passive_, active_), log_scale.exp());
  // R (scale * x + offset), scale and rotation folded into one product.
  const torch::Tensor channel_scale = ChannelScale(first, count);
  const torch::Tensor rotation = rotation_.narrow(0, first, count);
  const torch::Tensor offset = torch::bmm(offset_.narrow(0, first, count), rotation.transpose(1, 2));
  const torch::Tensor y =
      torch::baddbmm(offset, torch::cat({passive, active}, 2), (rotation * channel_scale).transpose(1, 2));
  // Channels that a flow has not would learn to scale, were their scales counted.
  const torch::Tensor used = used_.narrow(0, first, count);
  const torch::Tensor log_channels = (channel_scale.log() * used).sum(2);
  const torch::Tensor log_active = (log_scale * used.narrow(2, passive_, active_)).sum(2);
  return {y, log_active + log_channels};
}

torch::Tensor CouplingBlockImpl::Inverse(const torch::Tensor& y, int64_t first) {
  const int64_t count = y.size(0);
  const torch::Tensor x =
      (torch::bmm(y, rotation_.narrow(0, first, count)) - offset_.narrow(0, first, count)) /
      ChannelScale(first, count);
  const torch::Tensor passive = x.narrow(2, 0, passive_);
  const auto [log_scale, shift] = ScaleAndShift(passive, first);
  return torch::cat({passive, (x.narrow(2, passive_, active_) - shift) * (-log_scale).exp()}, 2);
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

FlowOutput RealNvpImpl::forward(const torch::Tensor& x, int64_t first) {
  if (x.dim() == 2) {
    const FlowOutput single = forward(x.unsqueeze(0), first);
    return {single.z.squeeze(0), single.log_det.squeeze(0)};
  }
  CheckShape(x, {-1, -1, dimensions_}, "flow input");
  const auto own = [&](const torch::Tensor& of_stack) { return of_stack.narrow(0, first, x.size(0)); };
  FlowOutput output{((pca_ ? pca_(x) : x) - own(standardise_->mean)) / own(standardise_->deviation),
                    own(standardise_->LogDet())};
  for (const auto& block : *blocks_) {
    const FlowOutput next = block->as<CouplingBlock>()->forward(output.z, first);
    output = {next.z, output.log_det + next.log_det};
  }
  return output;
}

torch::Tensor RealNvpImpl::Inverse(const torch::Tensor& z) {
  if (z.dim() == 2) return Inverse(z.unsqueeze(0)).squeeze(0);
  CheckShape(z, {layout_.used.size(0), -1, layout_.used.size(1)}, "flow latent");
  torch::Tensor x = z;
  for (size_t block = blocks_->size(); block-- > 0;) x = blocks_[block]->as<CouplingBlock>()->Inverse(x, 0);
  x = standardise_->Inverse(x);
  return pca_ ? pca_->Inverse(x) : x;
}

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
