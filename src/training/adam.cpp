#include "links/training/adam.h"

#include <ATen/ops/_fused_adam.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "links/core/error.h"
#include "links/network/ensemble.h"

namespace links {
namespace {

// Parameters start at multiples of so many numbers, as separately allocated tensors do.
constexpr int64_t kAlignment = 64;

}  // namespace

Adam::Adam(const std::vector<NamedTensors>& modules, const AdamOptions& options) : options_(options) {
  int64_t size = 0;
  for (const NamedTensors& module : modules) {
    module_sizes_.push_back(module.size());
    for (const auto& [name, parameter] : module) {
      names_.push_back(name);
      parameters_.push_back(parameter);
      offsets_.push_back(size);
      size += (parameter.numel() + kAlignment - 1) / kAlignment * kAlignment;
    }
  }
  if (parameters_.empty()) throw Error("expected parameters to train, found none");
  const auto flat = parameters_.front().options().requires_grad(false);
  for (torch::Tensor* tensor : {&values_, &gradients_, &first_moments_, &second_moments_})
    *tensor = torch::zeros({size}, flat);
  step_ = torch::zeros({}, flat);
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const torch::Tensor home = Part(values_, i);
    home.copy_(parameters_[i]);
    parameters_[i].set_data(home);
    parameters_[i].mutable_grad() = Part(gradients_, i);
  }
}

torch::Tensor Adam::Part(const torch::Tensor& flat, size_t i) const {
  return flat.narrow(0, offsets_[i], parameters_[i].numel()).view(parameters_[i].sizes());
}

void Adam::ZeroGrad() {
  gradients_.zero_();
}

void Adam::ClipGradNorm(double max_norm) {
  const torch::NoGradGuard no_grad;
  size_t first = 0;
  for (const size_t size : module_sizes_) {
    std::vector<torch::Tensor> norms;  // of each parameter, by network (and run)
    const auto by_network = [&](size_t i) { return parameters_[i].mutable_grad().flatten(-2); };
    for (size_t i = first; i < first + size; ++i) norms.push_back(by_network(i).norm(2, -1));
    const torch::Tensor norm = torch::stack(norms).norm(2, 0);
    const torch::Tensor factor = (max_norm / (norm + 1e-6)).clamp_max(1.0);
    for (size_t i = first; i < first + size; ++i) by_network(i).mul_(factor.unsqueeze(-1));
    first += size;
  }
}

void Adam::Step(const torch::Tensor& learning_rate) {
  const torch::NoGradGuard no_grad;
  step_.add_(1);
  at::_fused_adam_({values_}, {gradients_}, {first_moments_}, {second_moments_}, /*max_exp_avg_sqs=*/{},
                   {step_}, learning_rate, options_.beta1, options_.beta2, options_.weight_decay,
                   options_.epsilon,
                   /*amsgrad=*/false, /*maximize=*/false);
}

NamedTensors Adam::State(int64_t run, int64_t runs) const {
  NamedTensors state = {{"step", step_}};
  for (const NamedTensors& moments :
       {Named("exp_avg.", first_moments_, run, runs), Named("exp_avg_sq.", second_moments_, run, runs)})
    state.insert(state.end(), moments.begin(), moments.end());
  return state;
}

NamedTensors Adam::Named(const std::string& prefix, const torch::Tensor& flat, int64_t run,
                         int64_t runs) const {
  NamedTensors parts;
  for (size_t i = 0; i < names_.size(); ++i)
    parts.emplace_back(prefix + names_[i], runs == 1 ? Part(flat, i) : OfRun(Part(flat, i), run));
  return parts;
}

}  // namespace links
