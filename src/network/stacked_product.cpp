#include "stacked_product.h"

#include <torch/autograd.h>
#include <torch/types.h>

#include "cpu/few_rows.h"
#include "cpu/layer_on_cpu.h"
#include "cpu/parts.h"
#include "links/core/error.h"

namespace links {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

/// Which networks of a stack x belongs to.
struct Members {
  int64_t first, count;

  // Their part of a stack's (S, ..., out, in), an ensemble's runs one after the other: (count R, out, in).
  torch::Tensor Of(const torch::Tensor& stack) const {
    if (stack.dim() == 3 && count == stack.size(0)) return stack;
    return stack.narrow(0, first, count).flatten(0, -3);
  }
};

// What a parameter's gradient is added to: its own, or a new one that autograd then takes.
torch::Tensor SumOf(const Variable& parameter, Variable& result) {
  if (parameter.grad().defined()) return parameter.grad();
  return result = torch::zeros_like(parameter);
}

// What a product takes for a tensor. On a CPU the rounded numbers stay in their type.
torch::Tensor Operand(const torch::Tensor& tensor, bool bfloat16) {
  if (!bfloat16) return tensor;
  const torch::Tensor rounded = tensor.to(torch::kBFloat16);
  return tensor.is_cuda() ? rounded : rounded.to(tensor.scalar_type());
}

// out = addend + a b in the precision of `out`; `addend` undefined = 0.
void Multiply(torch::Tensor out, const torch::Tensor& added, const torch::Tensor& a, const torch::Tensor& b) {
  const int beta = added.defined() ? 1 : 0;
  if (a.scalar_type() == out.scalar_type()) {
    at::baddbmm_out(out, added.defined() ? added : out, a, b, beta);
    return;
  }
  // With a type of its own LibTorch 2.11 adds to what `out` holds, whatever it is given to add.
  if (added.defined() && !added.is_same(out)) out.copy_(added);
  at::baddbmm_out(out, out, a, b, out.scalar_type(), beta);
}

/// A product, and what its backward pass needs of it.
struct Result {
  torch::Tensor x;      // as the backward pass takes it
  torch::Tensor inner;  // the product after its LReLU
  torch::Tensor y;      // with the residual and after the second LReLU; without one the same as `inner`
};

// keep_inner: `inner` is asked for.
Result Compute(const torch::Tensor& input, const torch::Tensor& weight, const torch::Tensor& bias,
               const torch::Tensor& residual, Members networks, double slope, bool bfloat16,
               bool keep_inner) {
  torch::Tensor y = torch::empty({input.size(0), input.size(1), weight.size(-2)}, input.options());
  torch::Tensor inner = residual.defined() && keep_inner ? torch::empty_like(y) : y;
  const torch::Tensor own_weight = networks.Of(weight), own_bias = networks.Of(bias);
  const bool few_rows = input.size(1) <= kFewRows && !bfloat16;
  if (InFloat32OnCpu(input) && !few_rows) {
    ForwardOnCpu(input, own_weight, own_bias, residual, static_cast<float>(slope), bfloat16, inner, y);
    return {input, inner, y};
  }
  const torch::Tensor x = Operand(input, bfloat16);
  if (InFloat32OnCpu(input)) {
    ProductOfFewRows(x, own_weight, own_bias, static_cast<float>(slope), inner);
  } else {
    Multiply(inner, own_bias, x, Operand(own_weight, bfloat16).transpose(1, 2));
    if (slope < 1) at::leaky_relu_(inner, slope);
  }
  if (residual.defined()) {
    at::add_out(y, inner, residual);
    if (slope < 1) at::leaky_relu_(y, slope);
  }
  return {x, inner, y};
}

class Function : public torch::autograd::Function<Function> {
 public:
  static Variable forward(AutogradContext* context, const Variable& input, const Variable& weight,
                          const Variable& bias, const std::optional<Variable>& residual, int64_t first,
                          int64_t count, double slope, bool bfloat16) {
    const auto [x, inner, y] =
        Compute(input, weight, bias, residual.value_or(Variable()), {first, count}, slope, bfloat16,
                /*keep_inner=*/slope < 1);
    context->save_for_backward({x, weight, bias, slope < 1 ? inner : Variable(), residual ? y : Variable()});
    context->saved_data["first"] = first;
    context->saved_data["count"] = count;
    context->saved_data["slope"] = slope;
    context->saved_data["bfloat16"] = bfloat16;
    return y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Variable &x = saved[0], &weight = saved[1], &bias = saved[2];
    const Members networks{context->saved_data["first"].toInt(), context->saved_data["count"].toInt()};
    const double slope = context->saved_data["slope"].toDouble();
    const bool bfloat16 = context->saved_data["bfloat16"].toBool();
    variable_list result(8);
    LayerGradients own;
    own.of_y = gradients[0], own.inner = saved[3], own.y = saved[4], own.x = x;
    if (own.y.defined()) result[3] = own.of_residual = torch::empty_like(own.y);
    if (own.inner.defined()) own.of_product = torch::empty_like(own.inner);
    if (context->needs_input_grad(0)) {
      result[0] = own.of_x = torch::empty(x.sizes(), own.of_y.options());
      own.weight = networks.Of(weight);
    }
    if (context->needs_input_grad(1)) own.of_weight = networks.Of(SumOf(weight, result[1]));
    if (context->needs_input_grad(2)) own.of_bias = networks.Of(SumOf(bias, result[2]));
    if (InFloat32OnCpu(x)) {
      BackwardOnCpu(own, static_cast<float>(slope), bfloat16);
    } else {
      Backward(own, slope, bfloat16);
    }
    return result;
  }

 private:
  static void Backward(LayerGradients& own, double slope, bool bfloat16) {
    torch::Tensor from = own.of_y;
    const auto pass = [&](torch::Tensor& out, const torch::Tensor& passed) {
      at::leaky_relu_backward_out(out, from, passed, slope, /*self_is_result=*/true);
      from = out;
    };
    if (own.y.defined()) pass(own.of_residual, own.y);
    if (own.inner.defined()) pass(own.of_product, own.inner);
    const torch::Tensor factor = Operand(from, bfloat16);
    if (own.of_x.defined()) Multiply(own.of_x, {}, factor, Operand(own.weight, bfloat16));
    if (own.of_weight.defined()) Multiply(own.of_weight, own.of_weight, factor.transpose(1, 2), own.x);
    if (own.of_bias.defined()) own.of_bias.add_(from.sum(1, /*keepdim=*/true));
  }
};

// x: (count R, B, in).
torch::Tensor FlatProduct(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                          Members networks, const ProductOptions& options) {
  const std::optional<torch::Tensor> residual =
      options.residual.defined() ? std::optional(options.residual) : std::nullopt;
  const double slope = options.slope.value_or(1);
  const bool learns = x.requires_grad() || weight.requires_grad() || bias.requires_grad() ||
                      (residual && residual->requires_grad());
  if (!learns || !torch::GradMode::is_enabled()) {
    return Compute(x, weight, bias, options.residual, networks, slope, options.bfloat16, /*keep_inner=*/false)
        .y;
  }
  return Function::apply(x, weight, bias, residual, networks.first, networks.count, slope, options.bfloat16);
}

}  // namespace

torch::Tensor StackedProduct(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                             int64_t first, const ProductOptions& options) {
  if (x.dim() != weight.dim() || x.sizes().slice(1, x.dim() - 3) != weight.sizes().slice(1, x.dim() - 3))
    throw Error("expected an input (N, ", weight.sizes().slice(1, weight.dim() - 3),
                " runs, B, in) of a layer, found ", x.sizes());
  if (x.dim() > 3) {
    ProductOptions flat = options;
    if (flat.residual.defined()) flat.residual = flat.residual.flatten(0, -3);
    return FlatProduct(x.flatten(0, -3), weight, bias, {first, x.size(0)}, flat)
        .unflatten(0, x.sizes().slice(0, x.dim() - 2));
  }
  return FlatProduct(x, weight, bias, {first, x.size(0)}, options);
}

}  // namespace links
