#include "stacked_product.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <functional>

namespace links {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

// Rows of a part. Fewer would repack the weights too often, more leave the core's cache.
constexpr int64_t kPartRows = 512;

/// Some networks of a stack and some rows of their batch.
struct Part {
  int64_t network, networks, row, rows;

  // The part of a result (N, B, columns).
  torch::Tensor Of(const torch::Tensor& whole) const {
    return whole.narrow(0, network, networks).narrow(1, row, rows);
  }
  // The part of what has no rows of its own: weights and biases (N, ...).
  torch::Tensor OfNetworks(const torch::Tensor& whole) const { return whole.narrow(0, network, networks); }
};

// Calls `work` for parts of a result that together are all of it: on a CPU, when there are enough of them,
// each on one thread; otherwise once, and the products in it take all threads.
void ForEachPart(const torch::Tensor& result, const std::function<void(const Part&)>& work) {
  const int64_t networks = result.size(0), rows = result.size(1), cuts = (rows + kPartRows - 1) / kPartRows;
  if (!result.device().is_cpu() || networks * cuts < at::get_num_threads()) {
    work({0, networks, 0, rows});
    return;
  }
  at::parallel_for(0, networks * cuts, 1, [&](int64_t begin, int64_t end) {
    const torch::NoGradGuard no_grad;  // the guard of the calling thread does not reach here
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = i % cuts * kPartRows;
      work({i / cuts, 1, row, std::min(kPartRows, rows - row)});
    }
  });
}

// The part of a stack that belongs to the networks of x.
torch::Tensor Own(const torch::Tensor& stack, int64_t first, const torch::Tensor& x) {
  return stack.narrow(0, first, x.size(0));
}

// What a parameter's gradient is added to: its own, or a new one that autograd then takes.
torch::Tensor SumOf(const Variable& parameter, Variable& result) {
  if (parameter.grad().defined()) return parameter.grad();
  return result = torch::zeros_like(parameter);
}

class Function : public torch::autograd::Function<Function> {
 public:
  static Variable forward(AutogradContext* context, const Variable& x, const Variable& weight,
                          const Variable& bias, const std::optional<Variable>& residual, int64_t first,
                          double slope) {
    const torch::Tensor own_weight = Own(weight, first, x).transpose(1, 2), own_bias = Own(bias, first, x);
    const torch::Tensor y = torch::empty({x.size(0), x.size(1), weight.size(1)}, x.options());
    const torch::Tensor inner = residual ? torch::empty_like(y) : y;
    ForEachPart(y, [&](const Part& part) {
      torch::Tensor h = part.Of(inner), out = part.Of(y);
      at::baddbmm_out(h, part.OfNetworks(own_bias), part.Of(x), part.OfNetworks(own_weight));
      if (slope < 1) at::leaky_relu_(h, slope);
      if (!residual) return;
      at::add_out(out, h, part.Of(*residual));
      at::leaky_relu_(out, slope);
    });
    context->save_for_backward({x, weight, bias, slope < 1 ? inner : Variable(), residual ? y : Variable()});
    context->saved_data["first"] = first;
    context->saved_data["slope"] = slope;
    return y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Variable &x = saved[0], &weight = saved[1], &bias = saved[2], &inner = saved[3], &outer = saved[4];
    const int64_t first = context->saved_data["first"].toInt();
    const double slope = context->saved_data["slope"].toDouble();
    const bool needs_x = context->needs_input_grad(0);
    variable_list result(6);
    torch::Tensor gradient = gradients[0];
    if (needs_x) result[0] = torch::empty(x.sizes(), x.options());
    if (outer.defined()) result[3] = torch::empty_like(outer);
    const torch::Tensor inner_gradient = inner.defined() ? torch::empty_like(inner) : gradient;
    const torch::Tensor own_weight = Own(weight, first, x);
    ForEachPart(inner_gradient, [&](const Part& part) {
      torch::Tensor from = part.Of(gradient), inside = part.Of(inner_gradient);
      if (outer.defined()) {
        torch::Tensor of_sum = part.Of(result[3]);
        at::leaky_relu_backward_out(of_sum, from, part.Of(outer), slope, /*self_is_result=*/true);
        from = of_sum;
      }
      if (inner.defined())
        at::leaky_relu_backward_out(inside, from, part.Of(inner), slope, /*self_is_result=*/true);
      if (!needs_x) return;
      torch::Tensor of_x = part.Of(result[0]);
      at::bmm_out(of_x, inside, part.OfNetworks(own_weight));
    });
    if (context->needs_input_grad(1))
      Own(SumOf(weight, result[1]), first, x).baddbmm_(inner_gradient.transpose(1, 2), x);
    if (context->needs_input_grad(2)) Own(SumOf(bias, result[2]), first, x).add_(inner_gradient.sum(1, true));
    return result;
  }
};

}  // namespace

torch::Tensor StackedProduct(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                             int64_t first, const Epilogue& epilogue) {
  const std::optional<torch::Tensor> residual =
      epilogue.residual.defined() ? std::optional(epilogue.residual) : std::nullopt;
  return Function::apply(x, weight, bias, residual, first, epilogue.slope.value_or(1));
}

}  // namespace links
