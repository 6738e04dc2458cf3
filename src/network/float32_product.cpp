#include "links/network/float32_product.h"

#include <ATen/Context.h>
#include <torch/autograd.h>
#include <torch/types.h>

namespace links {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

torch::Tensor Product(const Variable& a, const Variable& b, const Variable& added) {
  if (!added.defined()) return a.matmul(b);
  return a.dim() == 3 && b.dim() == 3 ? torch::baddbmm(added, a, b) : a.matmul(b) + added;
}

// The setting is the thread's, and autograd goes back in a thread of its own.
class Function : public torch::autograd::Function<Function> {
 public:
  static Variable forward(AutogradContext* context, const Variable& a, const Variable& b,
                          const std::optional<Variable>& added) {
    const at::NoTF32Guard float32;
    context->save_for_backward({a, b});
    context->saved_data["added"] = added ? added->sizes().vec() : std::vector<int64_t>();
    return Product(a, b, added.value_or(Variable()));
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const at::NoTF32Guard float32;
    const variable_list saved = context->get_saved_variables();
    const Variable &of_result = gradients[0], &a = saved[0], &b = saved[1];
    variable_list result(3);
    if (context->needs_input_grad(0))
      result[0] = of_result.matmul(b.transpose(-1, -2)).sum_to_size(a.sizes());
    if (context->needs_input_grad(1))
      result[1] = a.transpose(-1, -2).matmul(of_result).sum_to_size(b.sizes());
    if (const auto added = context->saved_data["added"].toIntVector(); !added.empty())
      result[2] = of_result.sum_to_size(added);
    return result;
  }
};

}  // namespace

torch::Tensor Float32Product(const torch::Tensor& a, const torch::Tensor& b, const torch::Tensor& added) {
  if (a.is_cpu()) return Product(a, b, added);  // there is no TF32
  return Function::apply(a, b, added.defined() ? std::optional(added) : std::nullopt);
}

}  // namespace links
