#include "links/network/stacked_linear.h"

#include <torch/nn/module.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "links/core/error.h"
#include "links/geometry/shapes.h"
#include "links/network/float32_product.h"
#include "stacked_product.h"

namespace links {

StackedLinearImpl::StackedLinearImpl(const torch::Tensor& inputs, const torch::Tensor& outputs) {
  if (inputs.sizes().slice(0, inputs.dim() - 1) != outputs.sizes().slice(0, outputs.dim() - 1))
    throw Error("expected as many networks for the outputs as for the inputs ", inputs.sizes(), ", found ",
                outputs.sizes());
  const torch::Tensor bound = inputs.sum(-1).to(torch::kFloat32).rsqrt().unsqueeze(-1).unsqueeze(-1);
  const torch::Tensor rows = outputs.unsqueeze(-1), columns = inputs.unsqueeze(-2);
  const auto uniform = [&](const torch::Tensor& used) {
    const torch::Tensor drawn = (torch::rand(used.sizes(), torch::kFloat32) * 2 - 1) * bound;
    return torch::where(used, drawn, torch::zeros({}));
  };
  weight = register_parameter("weight", uniform(rows.logical_and(columns)));
  bias = register_parameter("bias", uniform(outputs.unsqueeze(-2)));
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
  CheckLastSizes(x, {-1, weight.size(-1)}, "input of a layer");
  options.bfloat16 = bfloat16_;
  return StackedProduct(x, weight, bias, first, options);
}

void StackedLinearImpl::Scale(double gain) {
  const torch::NoGradGuard no_grad;
  weight.mul_(gain);
  bias.zero_();
}

torch::Tensor StackedAffine(const torch::Tensor& x, const torch::Tensor& factors,
                            const torch::Tensor& offsets) {
  return Float32Product(x.flatten(0, -3), factors.flatten(0, -3), offsets.flatten(0, -3))
      .unflatten(0, x.sizes().slice(0, x.dim() - 2));
}

void UseBfloat16(torch::nn::Module& module) {
  for (const auto& part : module.modules()) {
    if (auto* layer = part->as<StackedLinearImpl>()) layer->UseBfloat16();
  }
}

torch::Tensor AllFeatures(int64_t stack, int64_t features) {
  return torch::ones({stack, features}, torch::kBool);
}

torch::Tensor AllFeatures(const torch::Tensor& mask, int64_t features) {
  std::vector<int64_t> sizes = mask.sizes().vec();
  sizes.back() = features;
  return torch::ones(sizes, torch::kBool);
}

}  // namespace links
