#include "links/training/adam.h"

#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adam.h>
#include <torch/torch.h>

#include "links/core/error.h"

namespace links {

Adam::Adam(const std::vector<NamedTensors>& networks, const AdamOptions& options) : options_(options) {
  for (const NamedTensors& network : networks) {
    network_sizes_.push_back(network.size());
    for (const auto& [name, parameter] : network) {
      names_.push_back(name);
      parameters_.push_back(parameter);
      first_moments_.push_back(torch::zeros_like(parameter));
      second_moments_.push_back(torch::zeros_like(parameter));
    }
  }
  if (parameters_.empty()) throw Error("expected parameters to train, found none");
  // The op wants a count for each parameter; all share one.
  step_ = torch::zeros({}, parameters_.front().options().requires_grad(false));
}

void Adam::ZeroGrad() {
  for (torch::Tensor& parameter : parameters_) parameter.mutable_grad().reset();
}

std::vector<torch::Tensor> Adam::Gradients() const {
  std::vector<torch::Tensor> gradients;
  gradients.reserve(parameters_.size());
  for (const torch::Tensor& parameter : parameters_) {
    if (!parameter.grad().defined()) parameter.mutable_grad() = torch::zeros_like(parameter);
    gradients.push_back(parameter.grad());
  }
  return gradients;
}

void Adam::ClipGradients(double max_norm) {
  const torch::NoGradGuard no_grad;
  const std::vector<torch::Tensor> gradients = Gradients();
  auto first = gradients.begin();
  for (const size_t size : network_sizes_) {
    const torch::TensorList network(&*first, size);
    const torch::Tensor norm = torch::stack(at::_foreach_norm(network, 2)).norm();
    at::_foreach_mul_(network, (max_norm / (norm + 1e-6)).clamp_max(1.0));
    first += static_cast<std::ptrdiff_t>(size);
  }
}

void Adam::Step(const torch::Tensor& learning_rate) {
  const torch::NoGradGuard no_grad;
  step_.add_(1);
  const std::vector<torch::Tensor> steps(parameters_.size(), step_);
  at::_fused_adam_(parameters_, Gradients(), first_moments_, second_moments_, /*max_exp_avg_sqs=*/{}, steps,
                   learning_rate, options_.beta1, options_.beta2, options_.weight_decay, options_.epsilon,
                   /*amsgrad=*/false, /*maximize=*/false);
}

NamedTensors Adam::State() const {
  NamedTensors state = {{"step", step_}};
  for (size_t i = 0; i < names_.size(); ++i) {
    state.emplace_back("exp_avg." + names_[i], first_moments_[i]);
    state.emplace_back("exp_avg_sq." + names_[i], second_moments_[i]);
  }
  return state;
}

}  // namespace links
