#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <vector>

namespace links {

/// Gathers joints: (B, J, K) -> (B, joints, K). The indices are a buffer, so they follow the network to its
/// device.
class JointSelectImpl : public torch::nn::Module {
 public:
  explicit JointSelectImpl(const std::vector<int>& joints);

  torch::Tensor forward(const torch::Tensor& pose) { return pose.index_select(1, index); }

  torch::Tensor index;  ///< (joints) int64
};
TORCH_MODULE(JointSelect);

/// (B, J, K) -> (B, K J), coordinate-major as in the authors' code: all x, then all y, ...
torch::Tensor Flatten(const torch::Tensor& joints);
/// The inverse: (B, K J) -> (B, J, K).
torch::Tensor Unflatten(const torch::Tensor& columns, int64_t coordinates);

}  // namespace links
