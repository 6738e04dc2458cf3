#include "links/dataset/standardise.h"

#include <torch/torch.h>

#include "links/geometry/shapes.h"

namespace links {

StandardiseImpl::StandardiseImpl(int64_t columns) {
  mean = register_buffer("mean", torch::zeros({columns}));
  deviation = register_buffer("deviation", torch::ones({columns}));
}

void StandardiseImpl::Fit(const torch::Tensor& samples) {
  CheckShape(samples, {-1, mean.size(0)}, "samples");
  const torch::NoGradGuard no_grad;
  const torch::Tensor wide = samples.to(torch::kFloat64);
  const torch::Tensor spread = wide.std(0, /*unbiased=*/false);
  mean.copy_(wide.mean(0));
  deviation.copy_(torch::where(spread > 1e-6, spread, torch::ones_like(spread)));
}

}  // namespace links
