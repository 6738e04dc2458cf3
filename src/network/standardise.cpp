#include "links/network/standardise.h"

#include <torch/torch.h>

#include "links/geometry/shapes.h"

namespace links {

StandardiseImpl::StandardiseImpl(int64_t columns, int64_t stack) {
  const std::vector<int64_t> shape =
      stack == 0 ? std::vector<int64_t>{columns} : std::vector<int64_t>{stack, 1, columns};
  mean = register_buffer("mean", torch::zeros(shape));
  deviation = register_buffer("deviation", torch::ones(shape));
}

void StandardiseImpl::Fit(const torch::Tensor& samples) {
  const bool stacked = mean.dim() == 3;
  if (stacked) {
    const bool each_alike = samples.dim() == 3 && samples.size(0) > 0 && mean.size(0) % samples.size(0) == 0;
    CheckShape(samples, {each_alike ? samples.size(0) : mean.size(0), -1, mean.size(2)}, "samples");
  } else {
    CheckShape(samples, {-1, mean.size(0)}, "samples");
  }
  const torch::NoGradGuard no_grad;
  const torch::Tensor wide = samples.to(torch::kFloat64);
  const torch::Tensor spread = wide.std({-2}, /*unbiased=*/false, /*keepdim=*/stacked);
  const int64_t each = stacked ? mean.size(0) / samples.size(0) : 1;
  mean.copy_(wide.mean(-2, stacked).repeat_interleave(each, 0));
  deviation.copy_(torch::where(spread > 1e-6, spread, torch::ones_like(spread)).repeat_interleave(each, 0));
}

}  // namespace links
