#include "links/network/ensemble.h"

#include <torch/types.h>

namespace links {

torch::Tensor ForEachRun(const torch::Tensor& mask, int64_t runs) {
  return runs == 1 ? mask : mask.unsqueeze(1).expand({mask.size(0), runs, mask.size(1)});
}

torch::Tensor OfRun(const torch::Tensor& of_ensemble, int64_t run) {
  return of_ensemble.select(1, run);
}

torch::Tensor RepeatForRuns(const torch::Tensor& batch, int64_t runs) {
  if (runs == 1) return batch;
  std::vector<int64_t> sizes = batch.sizes().vec();
  sizes.insert(sizes.begin(), runs);
  return batch.expand(sizes);
}

}  // namespace links
