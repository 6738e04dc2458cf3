#include "links/dataset/columns.h"

#include <torch/torch.h>

namespace links {

torch::Tensor Flatten(const torch::Tensor& joints) {
  return joints.transpose(1, 2).flatten(1);
}

torch::Tensor Unflatten(const torch::Tensor& columns, int64_t coordinates) {
  return columns.unflatten(1, {coordinates, -1}).transpose(1, 2);
}

}  // namespace links
