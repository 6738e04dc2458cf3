#include "links/dataset/features.h"

#include <torch/types.h>

#include "links/skeleton/skeleton.h"

namespace links {

torch::Tensor Flatten(const torch::Tensor& joints) {
  return joints.transpose(-1, -2).flatten(-2);
}

torch::Tensor Unflatten(const torch::Tensor& features, int64_t coordinates) {
  return features.unflatten(-1, {coordinates, -1}).transpose(-1, -2);
}

torch::Tensor JointMask(const std::vector<std::vector<int>>& joints) {
  torch::Tensor mask = torch::zeros({static_cast<int64_t>(joints.size()), kJoints}, torch::kBool);
  for (size_t i = 0; i < joints.size(); ++i) {
    for (const int joint : joints[i]) mask[static_cast<int64_t>(i)][joint] = true;
  }
  return mask;
}

torch::Tensor FeatureMask(const torch::Tensor& joints, int64_t coordinates) {
  return joints.repeat_interleave(coordinates, -1);
}

}  // namespace links
