#include "links/flow/pca.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "links/geometry/shapes.h"

namespace links {

PcaImpl::PcaImpl(int64_t columns, int64_t components) {
  mean = register_buffer("mean", torch::zeros({columns}));
  basis = register_buffer("basis", torch::eye(columns, components));
}

void PcaImpl::Fit(const torch::Tensor& samples) {
  CheckShape(samples, {-1, mean.size(0)}, "samples");
  const torch::NoGradGuard no_grad;
  const torch::Tensor wide = samples.to(torch::kFloat64);
  const torch::Tensor centred = wide - wide.mean(0);
  const auto [variance, vectors] = torch::linalg_eigh(centred.t().matmul(centred) / wide.size(0));
  const torch::Tensor first = vectors.flip(1).narrow(1, 0, basis.size(1));
  const torch::Tensor largest = first.gather(0, first.abs().argmax(0, /*keepdim=*/true));
  mean.copy_(wide.mean(0));
  basis.copy_(first * largest.sign());
}

}  // namespace links
