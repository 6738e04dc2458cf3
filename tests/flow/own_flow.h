#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <numbers>
#include <string>

#include "links/flow/real_nvp.h"

namespace links::test {

/// What belongs to flow `n` of a stack, without padding: in each half of the channels, and of the outputs of
/// a block's network, the flow's own come first.
class OwnPart {
 public:
  OwnPart(const torch::nn::Module& stack, int64_t n, int64_t channels) : n_(n) {
    const auto parameters = stack.named_parameters();
    const int64_t passive = parameters["blocks.0.network.0.weight"].size(2),
                  active = parameters["blocks.0.actnorm_scale"].size(2) - passive, own_active = channels / 2;
    passive_ = torch::arange(channels - own_active);
    channels_ = torch::cat({passive_, passive + torch::arange(own_active)});
    outputs_ = torch::cat({torch::arange(own_active), active + torch::arange(own_active)});
    while (parameters.contains("blocks.0.network." + std::to_string(layers_) + ".weight")) ++layers_;
  }

  /// The places of the flow's channels among the stack's.
  const torch::Tensor& channels() const { return channels_; }

  /// Of a parameter, a buffer or a gradient of the stack, its name ending in "blocks.N...." or
  /// "standardise....": without the leading dimension.
  torch::Tensor Of(const std::string& name, const torch::Tensor& of_stack) const {
    torch::Tensor own = of_stack[n_];
    if (name.ends_with("permutation")) return own.index_select(0, channels_).index_select(1, channels_);
    const bool weight = name.ends_with(".weight");
    if (!weight) own = own[0];
    const size_t network = name.find("network.");
    if (network == std::string::npos) return own.index_select(0, channels_);
    const int layer = std::stoi(name.substr(network + 8));
    if (layer == 0 && weight) own = own.index_select(1, passive_);
    return layer == layers_ - 1 ? own.index_select(0, outputs_) : own;
  }

 private:
  int64_t n_;
  torch::Tensor passive_, channels_, outputs_;
  int layers_ = 0;
};

/// Whether a flow by itself has such a tensor, that OwnPart can read.
inline bool IsOfEachFlow(const std::string& name) {
  return !name.ends_with("constant") && !name.ends_with("used") && name.find("pca") == std::string::npos;
}

/// Corrects the last bits of D/2 ln 2 pi, drawn up in single precision.
inline void MakeConstantExact(RealNvp& flow) {
  const torch::NoGradGuard no_grad;
  torch::Tensor constant = flow->named_buffers()["constant"];
  const torch::Tensor channels = flow->layout().used.sum(1, /*keepdim=*/true).to(torch::kFloat64);
  const torch::Tensor exact = 0.5 * std::log(2 * std::numbers::pi) * channels;
  TORCH_CHECK((constant - exact).abs().max().item<double>() < 1e-5, "constant of the likelihood");
  constant.copy_(exact);
}

/// Flow `n` of a stack by itself, with its weights and its statistics.
inline RealNvp OwnFlow(RealNvp& stack, int64_t n, const FlowOptions& options) {
  const int64_t channels = stack->layout().channels[static_cast<size_t>(n)];
  const OwnPart part(*stack, n, channels);
  RealNvp own(channels, options);
  if (stack->parameters()[0].scalar_type() == torch::kFloat64) {
    own->to(torch::kFloat64);
    MakeConstantExact(own);
  }
  const torch::NoGradGuard no_grad;
  const auto copy = [&](const auto& target, const auto& source) {
    for (const auto& item : target) {
      if (!IsOfEachFlow(item.key())) continue;
      const torch::Tensor& values = item.value();
      values.copy_(part.Of(item.key(), source[item.key()]).view_as(values));
    }
  };
  copy(own->named_parameters(), stack->named_parameters());
  copy(own->named_buffers(), stack->named_buffers());
  return own;
}

}  // namespace links::test
