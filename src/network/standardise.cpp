#include "links/network/standardise.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "links/core/error.h"
#include "links/geometry/shapes.h"

namespace links {

StandardiseImpl::StandardiseImpl(int64_t features) {
  mean = register_buffer("mean", torch::zeros({features}));
  deviation = register_buffer("deviation", torch::ones({features}));
}

StandardiseImpl::StandardiseImpl(const torch::Tensor& used) {
  const torch::Tensor like = used.unsqueeze(-2).to(torch::kFloat32);
  mean = register_buffer("mean", torch::zeros(like.sizes()));
  deviation = register_buffer("deviation", torch::ones(like.sizes()));
}

void StandardiseImpl::Fit(const torch::Tensor& samples) {
  CheckLastSizes(samples, {-1, mean.size(-1)}, "samples");
  const int64_t stack_dims = std::max<int64_t>(mean.dim() - 2, 0), leading = samples.dim() - 2;
  for (int64_t dim = 0; dim < leading; ++dim) {
    const int64_t own = dim - leading + stack_dims;  // of the statistics, aligned at the last dimension
    if (own < 0 || (samples.size(dim) != 1 && samples.size(dim) != mean.size(own)))
      throw Error("expected samples of the stack ", mean.sizes(), ", found ", samples.sizes());
  }
  const torch::NoGradGuard no_grad;
  const torch::Tensor wide = samples.to(torch::kFloat64);
  const bool stacked = mean.dim() > 1;
  const torch::Tensor spread = wide.std({-2}, /*unbiased=*/false, /*keepdim=*/stacked);
  mean.copy_(wide.mean(-2, stacked));
  deviation.copy_(torch::where(spread > 1e-6, spread, torch::ones_like(spread)));
}

}  // namespace links
