#include "links/dataset/standardise.h"

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
    CheckShape(samples, {mean.size(0), -1, mean.size(2)}, "samples");
  } else {
    CheckShape(samples, {-1, mean.size(0)}, "samples");
  }
  const torch::NoGradGuard no_grad;
  const torch::Tensor wide = samples.to(torch::kFloat64);
  const torch::Tensor spread = wide.std({-2}, /*unbiased=*/false, /*keepdim=*/stacked);
  mean.copy_(wide.mean(-2, stacked));
  deviation.copy_(torch::where(spread > 1e-6, spread, torch::ones_like(spread)));
}

}  // namespace links
