#include "links/flow/coupling.h"

#include <torch/autograd.h>
#include <torch/types.h>

#include <utility>
#include <vector>

#include "../network/cpu/parts.h"
#include "cpu/coupling_on_cpu.h"
#include "links/network/stacked_linear.h"

namespace links {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

std::pair<torch::Tensor, torch::Tensor> LogScaleAndShift(const torch::Tensor& outputs,
                                                         const SoftClamp& clamp) {
  const std::vector<torch::Tensor> s_and_t = (outputs * clamp.gain).chunk(2, -1);
  return {clamp.bound * torch::tanh(s_and_t[0] / clamp.divisor), s_and_t[1]};
}

// The passive and the active channels.
std::vector<torch::Tensor> Halves(const torch::Tensor& x, const torch::Tensor& outputs) {
  const int64_t active = outputs.size(-1) / 2;
  return x.split_with_sizes({x.size(-1) - active, active}, -1);
}

bool Learns(const CouplingInputs& inputs) {
  return torch::GradMode::is_enabled() && (inputs.x.requires_grad() || inputs.outputs.requires_grad() ||
                                           inputs.factors.requires_grad() || inputs.offsets.requires_grad());
}

Coupling Compute(const CouplingInputs& inputs, const SoftClamp& clamp) {
  const torch::Tensor& x = inputs.x;
  Coupling result = {torch::empty(x.sizes(), x.options()),
                     torch::empty({x.size(0), x.size(1), 1}, x.options())};
  CoupleOnCpu(inputs, clamp, result.z, result.log_det);
  return result;
}

class Function : public torch::autograd::Function<Function> {
 public:
  static variable_list forward(AutogradContext* context, const Variable& x, const Variable& outputs,
                               const Variable& factors, const Variable& offsets, const Variable& used,
                               SoftClamp clamp) {
    context->save_for_backward({x, outputs, factors, offsets, used});
    context->saved_data["gain"] = clamp.gain;
    context->saved_data["bound"] = clamp.bound;
    context->saved_data["divisor"] = clamp.divisor;
    const Coupling result = Compute({x, outputs, factors, offsets, used}, clamp);
    return {result.z, result.log_det};
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const CouplingInputs inputs = {saved[0], saved[1], saved[2], saved[3], saved[4]};
    const SoftClamp clamp = {context->saved_data["gain"].toDouble(), context->saved_data["bound"].toDouble(),
                             context->saved_data["divisor"].toDouble()};
    variable_list result(6);
    CouplingGradients own;
    own.of_z = gradients[0], own.of_log_det = gradients[1];
    const auto gradient = [&](size_t input, const torch::Tensor& of) {
      return result[input] = torch::empty(of.sizes(), of.options());
    };
    if (context->needs_input_grad(0)) own.of_x = gradient(0, inputs.x);
    if (context->needs_input_grad(1)) own.of_outputs = gradient(1, inputs.outputs);
    if (context->needs_input_grad(2) || context->needs_input_grad(3)) {
      own.of_factors = gradient(2, inputs.factors);
      own.of_offsets = gradient(3, inputs.offsets);
    }
    CoupleBackwardOnCpu(inputs, clamp, own);
    return result;
  }
};

}  // namespace

Coupling CoupleAndTurn(const CouplingInputs& inputs, const SoftClamp& clamp) {
  if (!InFloat32OnCpu(inputs.x)) {
    const std::vector<torch::Tensor> half = Halves(inputs.x, inputs.outputs);
    const auto [log_scale, shift] = LogScaleAndShift(inputs.outputs, clamp);
    const torch::Tensor y = torch::cat({half[0], torch::addcmul(shift, half[1], log_scale.exp())}, -1);
    // Unmasked, what a flow has not would learn to scale.
    return {StackedAffine(y, inputs.factors, inputs.offsets), log_scale * inputs.used};
  }
  const auto flat = [](const torch::Tensor& tensor) { return tensor.flatten(0, -3); };
  const CouplingInputs own = {flat(inputs.x), flat(inputs.outputs), flat(inputs.factors),
                              flat(inputs.offsets), flat(inputs.used)};
  Coupling result;
  if (Learns(inputs)) {
    const variable_list both = Function::apply(own.x, own.outputs, own.factors, own.offsets, own.used, clamp);
    result = {both[0], both[1]};
  } else {
    result = Compute(own, clamp);
  }
  const auto unflat = [&](const torch::Tensor& tensor) {
    return tensor.unflatten(0, inputs.x.sizes().slice(0, inputs.x.dim() - 2));
  };
  return {unflat(result.z), unflat(result.log_det)};
}

torch::Tensor Uncouple(const torch::Tensor& y, const torch::Tensor& outputs, const SoftClamp& clamp) {
  if (InFloat32OnCpu(y) &&
      !(torch::GradMode::is_enabled() && (y.requires_grad() || outputs.requires_grad()))) {
    torch::Tensor x = torch::empty(y.sizes(), y.options()).flatten(0, -3);
    UncoupleOnCpu(y.flatten(0, -3), outputs.flatten(0, -3), clamp, x);
    return x.view(y.sizes());
  }
  const std::vector<torch::Tensor> half = Halves(y, outputs);
  const auto [log_scale, shift] = LogScaleAndShift(outputs, clamp);
  return torch::cat({half[0], (half[1] - shift) / log_scale.exp()}, -1);
}

}  // namespace links
