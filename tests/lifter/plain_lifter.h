#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <vector>

#include "network/plain_network.h"

namespace links::test {

/// A second implementation of one lifter of a stack in plain matrix products, straight from docs/method.md.
class PlainLifter {
 public:
  /// joints: those that the lifter sees, and its place in the stack.
  PlainLifter(const torch::nn::Module& stack, int64_t member, std::vector<int> joints, int blocks)
      : network_(stack, member), joints_(std::move(joints)), blocks_(blocks) {}

  /// poses: (B, 17, 2) -> (B, J), of the joints in their order.
  torch::Tensor DepthOffset(const torch::Tensor& poses) const {
    return network_.Path("depth.", Shared(poses), blocks_, ColumnsOf(joints_, 1));
  }
  /// poses: (B, 17, 2) -> (B).
  torch::Tensor Elevation(const torch::Tensor& poses) const {
    return network_.Path("elevation.", Shared(poses), blocks_).select(1, 0);
  }

 private:
  torch::Tensor Shared(const torch::Tensor& poses) const {
    const Columns columns = ColumnsOf(joints_, 2);
    return network_.Residual("trunk.", network_.Linear("entry", Take(poses.flatten(1), 1, columns), columns));
  }

  PlainNetwork network_;
  std::vector<int> joints_;
  int blocks_;
};

}  // namespace links::test
