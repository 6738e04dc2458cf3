#include "stacked_product.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <functional>

#include "few_rows.h"

namespace links {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

// Rows of a part. Fewer would repack the weights too often, more leave the core's cache.
constexpr int64_t kPartRows = 512;

// Columns from which a library's product is fast; a result with fewer is made as its transpose.
constexpr int64_t kNarrow = 16;

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

// What a product takes for a tensor. A CPU has no fast bfloat16 product that can be relied on: there the
// rounded numbers stay float32.
torch::Tensor Operand(const torch::Tensor& tensor, bool bfloat16) {
  if (!bfloat16) return tensor;
  const torch::Tensor rounded = tensor.to(torch::kBFloat16);
  return tensor.is_cuda() ? rounded : rounded.to(tensor.scalar_type());
}

// out = addend + a b in the precision of `out`; `addend` undefined = 0.
void Multiply(torch::Tensor out, const torch::Tensor& added, const torch::Tensor& a, const torch::Tensor& b) {
  if (out.is_cpu() && out.size(2) < kNarrow && out.size(1) > kNarrow) {
    const torch::Tensor product = at::bmm(b.transpose(1, 2), a.transpose(1, 2)).transpose(1, 2);
    if (added.defined()) {
      at::add_out(out, added, product);
    } else {
      out.copy_(product);
    }
    return;
  }
  const int beta = added.defined() ? 1 : 0;
  const torch::Tensor& addend = added.defined() ? added : out;
  if (a.scalar_type() == out.scalar_type()) {
    at::baddbmm_out(out, addend, a, b, beta);
  } else {
    at::baddbmm_out(out, addend, a, b, out.scalar_type(), beta);
  }
}

/// A product, and what its backward pass needs of it.
struct Result {
  torch::Tensor x;      // as it was multiplied
  torch::Tensor inner;  // the product after its LReLU
  torch::Tensor y;      // with the residual and after the second LReLU; without one the same as `inner`
};

Result Compute(const torch::Tensor& input, const torch::Tensor& weight, const torch::Tensor& bias,
               const std::optional<torch::Tensor>& residual, int64_t first, double slope, bool bfloat16) {
  const torch::Tensor x = Operand(input, bfloat16), own_bias = Own(bias, first, x);
  const torch::Tensor own_weight = Operand(Own(weight, first, x), bfloat16);
  const torch::Tensor y = torch::empty({x.size(0), x.size(1), weight.size(1)}, input.options());
  torch::Tensor inner = residual ? torch::empty_like(y) : y;
  const auto finish = [&](torch::Tensor out, const torch::Tensor& h, const torch::Tensor& added) {
    at::add_out(out, h, added);
    at::leaky_relu_(out, slope);
  };
  if (x.size(1) <= kFewRows && x.is_cpu() && x.scalar_type() == torch::kFloat32) {
    ProductOfFewRows(x, own_weight, own_bias, static_cast<float>(slope), inner);
    if (residual) finish(y, inner, *residual);
    return {x, inner, y};
  }
  const torch::Tensor transposed = own_weight.transpose(1, 2);
  ForEachPart(y, [&](const Part& part) {
    torch::Tensor h = part.Of(inner);
    Multiply(h, part.OfNetworks(own_bias), part.Of(x), part.OfNetworks(transposed));
    if (slope < 1) at::leaky_relu_(h, slope);
    if (residual) finish(part.Of(y), h, part.Of(*residual));
  });
  return {x, inner, y};
}

class Function : public torch::autograd::Function<Function> {
 public:
  static Variable forward(AutogradContext* context, const Variable& input, const Variable& weight,
                          const Variable& bias, const std::optional<Variable>& residual, int64_t first,
                          double slope, bool bfloat16) {
    const auto [x, inner, y] = Compute(input, weight, bias, residual, first, slope, bfloat16);
    context->save_for_backward({x, weight, bias, slope < 1 ? inner : Variable(), residual ? y : Variable()});
    context->saved_data["first"] = first;
    context->saved_data["slope"] = slope;
    context->saved_data["bfloat16"] = bfloat16;
    return y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Variable &x = saved[0], &weight = saved[1], &bias = saved[2], &inner = saved[3], &outer = saved[4];
    const int64_t first = context->saved_data["first"].toInt();
    const double slope = context->saved_data["slope"].toDouble();
    const bool bfloat16 = context->saved_data["bfloat16"].toBool(), needs_x = context->needs_input_grad(0);
    const torch::Tensor& gradient = gradients[0];
    variable_list result(7);
    if (outer.defined()) result[3] = torch::empty_like(outer);
    torch::Tensor of_product = inner.defined() ? torch::empty_like(inner) : gradient;
    const torch::Tensor own_weight = needs_x ? Operand(Own(weight, first, x), bfloat16) : torch::Tensor();
    if (needs_x) result[0] = torch::empty(x.sizes(), gradient.options());
    ForEachPart(of_product, [&](const Part& part) {
      torch::Tensor from = part.Of(gradient), inside = part.Of(of_product);
      if (outer.defined()) {
        torch::Tensor of_sum = part.Of(result[3]);
        at::leaky_relu_backward_out(of_sum, from, part.Of(outer), slope, /*self_is_result=*/true);
        from = of_sum;
      }
      if (inner.defined())
        at::leaky_relu_backward_out(inside, from, part.Of(inner), slope, /*self_is_result=*/true);
      if (!needs_x) return;
      const torch::Tensor of_x = part.Of(result[0]);
      Multiply(of_x, {}, Operand(inside, bfloat16), part.OfNetworks(own_weight));
    });
    if (context->needs_input_grad(1)) {
      const torch::Tensor sum = Own(SumOf(weight, result[1]), first, x);
      Multiply(sum, sum, Operand(of_product, bfloat16).transpose(1, 2), x);
    }
    if (context->needs_input_grad(2)) Own(SumOf(bias, result[2]), first, x).add_(of_product.sum(1, true));
    return result;
  }
};

}  // namespace

torch::Tensor StackedProduct(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                             int64_t first, const ProductOptions& options) {
  const std::optional<torch::Tensor> residual =
      options.residual.defined() ? std::optional(options.residual) : std::nullopt;
  const double slope = options.slope.value_or(1);
  const bool learns = x.requires_grad() || weight.requires_grad() || bias.requires_grad() ||
                      (residual && residual->requires_grad());
  if (!learns || !torch::GradMode::is_enabled())
    return Compute(x, weight, bias, residual, first, slope, options.bfloat16).y;
  return Function::apply(x, weight, bias, residual, first, slope, options.bfloat16);
}

}  // namespace links
