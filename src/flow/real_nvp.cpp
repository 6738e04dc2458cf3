#include "links/flow/real_nvp.h"

#include <torch/torch.h>

#include <cmath>
#include <numbers>

#include "links/core/error.h"
#include "links/geometry/shapes.h"

namespace links {
namespace {

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

CouplingBlockImpl::CouplingBlockImpl(int64_t channels, const FlowOptions& options)
    : passive_(channels - channels / 2),
      active_(channels / 2),
      clamp_(options.clamp),
      clamp_input_(options.clamp_variant == "tanh" ? 1.0 : options.clamp) {
  torch::nn::Sequential network;
  int64_t inputs = passive_;
  for (int64_t layer = 0; layer < options.hidden_layers; ++layer) {
    network->push_back(torch::nn::Linear(inputs, options.width));
    network->push_back(torch::nn::ReLU());
    inputs = options.width;
  }
  network->push_back(torch::nn::Linear(inputs, 2 * active_));
  network_ = register_module("network", network);
  // 0.1 softplus(g) = 1 at the start.
  const double unit_scale = std::log(std::expm1(kSoftplusBeta / kChannelGain)) / kSoftplusBeta;
  scale_ = register_parameter("scale", torch::full({channels}, unit_scale));
  offset_ = register_parameter("offset", torch::zeros({channels}));
  rotation_ = register_buffer("rotation", RandomRotation(channels));
}

std::pair<torch::Tensor, torch::Tensor> CouplingBlockImpl::ScaleAndShift(const torch::Tensor& passive) {
  const torch::Tensor output = network_->forward(passive) * kNetworkGain;
  return {clamp_ * torch::tanh(output.narrow(1, 0, active_) / clamp_input_),
          output.narrow(1, active_, active_)};
}

torch::Tensor CouplingBlockImpl::ChannelScale() const {
  return kChannelGain * torch::softplus(scale_, kSoftplusBeta);
}

FlowOutput CouplingBlockImpl::forward(const torch::Tensor& x) {
  const torch::Tensor passive = x.narrow(1, 0, passive_);
  const auto [log_scale, shift] = ScaleAndShift(passive);
  const torch::Tensor active = x.narrow(1, passive_, active_) * log_scale.exp() + shift;
  const torch::Tensor channel_scale = ChannelScale();
  // R (scale * x + offset), scale and rotation folded into one product.
  const torch::Tensor y =
      torch::addmm(rotation_.mv(offset_), torch::cat({passive, active}, 1), (rotation_ * channel_scale).t());
  return {y, log_scale.sum(1) + channel_scale.log().sum()};
}

torch::Tensor CouplingBlockImpl::Inverse(const torch::Tensor& y) {
  const torch::Tensor x = (y.matmul(rotation_) - offset_) / ChannelScale();
  const torch::Tensor passive = x.narrow(1, 0, passive_);
  const auto [log_scale, shift] = ScaleAndShift(passive);
  return torch::cat({passive, (x.narrow(1, passive_, active_) - shift) * (-log_scale).exp()}, 1);
}

RealNvpImpl::RealNvpImpl(int64_t dimensions, const FlowOptions& options, int64_t components)
    : dimensions_(dimensions),
      latent_dimensions_(components > 0 ? components : dimensions),
      fits_standardisation_(options.standardise) {
  if (components > dimensions) {
    throw UsageError("expected at most ", dimensions, " principal components of a pose, found ", components);
  }
  if (components > 0) pca_ = register_module("pca", Pca(dimensions, components));
  standardise_ = register_module("standardise", Standardise(latent_dimensions_));
  for (int64_t block = 0; block < options.blocks; ++block)
    blocks_->push_back(CouplingBlock(latent_dimensions_, options));
  register_module("blocks", blocks_);
}

FlowOutput RealNvpImpl::forward(const torch::Tensor& x) {
  CheckShape(x, {-1, dimensions_}, "flow input");
  FlowOutput output{standardise_(pca_ ? pca_(x) : x), standardise_->LogDet()};
  for (const auto& block : *blocks_) {
    const FlowOutput next = block->as<CouplingBlock>()->forward(output.z);
    output = {next.z, output.log_det + next.log_det};
  }
  return output;
}

torch::Tensor RealNvpImpl::Inverse(const torch::Tensor& z) {
  CheckShape(z, {-1, latent_dimensions_}, "flow latent");
  torch::Tensor x = z;
  for (size_t block = blocks_->size(); block-- > 0;) x = blocks_[block]->as<CouplingBlock>()->Inverse(x);
  x = standardise_->Inverse(x);
  return pca_ ? pca_->Inverse(x) : x;
}

torch::Tensor RealNvpImpl::NegativeLogLikelihood(const torch::Tensor& x) {
  const FlowOutput output = forward(x);
  const double constant = 0.5 * static_cast<double>(latent_dimensions_) * std::log(2 * std::numbers::pi);
  return 0.5 * output.z.square().sum(1) - output.log_det + constant;
}

void RealNvpImpl::Fit(const torch::Tensor& samples) {
  if (pca_) pca_->Fit(samples);
  if (fits_standardisation_) standardise_->Fit(pca_ ? pca_(samples) : samples);
}

}  // namespace links
