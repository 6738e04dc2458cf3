#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

namespace links {

/// x + LReLU(L2 LReLU(L1 x)) followed by LReLU, all of one width: (B, W) -> (B, W).
class ResidualBlockImpl : public torch::nn::Module {
 public:
  explicit ResidualBlockImpl(int64_t width);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::nn::Linear first_, second_;
};
TORCH_MODULE(ResidualBlock);

}  // namespace links
