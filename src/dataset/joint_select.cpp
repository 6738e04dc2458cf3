#include "links/dataset/joint_select.h"

#include <torch/torch.h>

namespace links {

JointSelectImpl::JointSelectImpl(const std::vector<int>& joints) {
  const std::vector<int64_t> wide(joints.begin(), joints.end());
  index = register_buffer("index", torch::tensor(wide, torch::kInt64));
}

torch::Tensor Flatten(const torch::Tensor& joints) {
  return joints.transpose(1, 2).flatten(1);
}

torch::Tensor Unflatten(const torch::Tensor& columns, int64_t coordinates) {
  return columns.unflatten(1, {coordinates, -1}).transpose(1, 2);
}

}  // namespace links
