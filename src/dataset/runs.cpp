#include "links/dataset/runs.h"

#include <torch/torch.h>

namespace links {

torch::Tensor SplitRuns(const torch::Tensor& by_batch, int64_t runs) {
  return by_batch.unflatten(1, {runs, -1}).flatten(0, 1);
}

torch::Tensor JoinRuns(const torch::Tensor& by_network, int64_t runs) {
  return by_network.unflatten(0, {-1, runs}).flatten(1, 2);
}

torch::Tensor PartOfRun(const torch::Tensor& by_network, int64_t run, int64_t runs) {
  return by_network.unflatten(0, {-1, runs}).select(1, run);
}

torch::Tensor AppendByRun(const torch::Tensor& a, const torch::Tensor& b, int64_t runs, int64_t dim) {
  return torch::cat({a.unflatten(dim, {runs, -1}), b.unflatten(dim, {runs, -1})}, dim + 1)
      .flatten(dim, dim + 1);
}

}  // namespace links
