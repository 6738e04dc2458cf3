#include "links/network/stacked_linear.h"

#include <torch/torch.h>

#include "links/geometry/shapes.h"
#include "stacked_product.h"

namespace links {

StackedLinearImpl::StackedLinearImpl(const torch::Tensor& inputs, const torch::Tensor& outputs) {
  CheckShape(outputs, {inputs.size(0), -1}, "outputs");
  const torch::Tensor bound = inputs.sum(1).to(torch::kFloat32).rsqrt().view({-1, 1, 1});
  const torch::Tensor rows = outputs.unsqueeze(2), columns = inputs.unsqueeze(1);
  const auto uniform = [&](const torch::Tensor& used) {
    const torch::Tensor drawn = (torch::rand(used.sizes(), torch::kFloat32) * 2 - 1) * bound;
    return torch::where(used, drawn, torch::zeros({}));
  };
  weight = register_parameter("weight", uniform(rows.logical_and(columns)));
  bias = register_parameter("bias", uniform(outputs.unsqueeze(1)));
}

torch::Tensor StackedLinearImpl::forward(const torch::Tensor& x, int64_t first) {
  return Product(x, first, {});
}

torch::Tensor StackedLinearImpl::Activated(const torch::Tensor& x, double slope, int64_t first) {
  return Product(x, first, {.slope = slope});
}

torch::Tensor StackedLinearImpl::Residual(const torch::Tensor& x, const torch::Tensor& residual, double slope,
                                          int64_t first) {
  return Product(x, first, {.slope = slope, .residual = residual});
}

torch::Tensor StackedLinearImpl::Product(const torch::Tensor& x, int64_t first, ProductOptions options) {
  CheckShape(x, {-1, -1, weight.size(2)}, "input of a layer");
  options.bfloat16 = bfloat16_;
  return StackedProduct(x, weight, bias, first, options);
}

void StackedLinearImpl::Scale(double gain) {
  const torch::NoGradGuard no_grad;
  weight.mul_(gain);
  bias.zero_();
}

void UseBfloat16(torch::nn::Module& module) {
  for (const auto& part : module.modules()) {
    if (auto* layer = part->as<StackedLinearImpl>()) layer->UseBfloat16();
  }
}

torch::Tensor AllFeatures(int64_t stack, int64_t columns) {
  return torch::ones({stack, columns}, torch::kBool);
}

}  // namespace links
