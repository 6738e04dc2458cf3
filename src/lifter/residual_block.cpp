#include "links/lifter/residual_block.h"

#include <torch/torch.h>

namespace links {

ResidualBlockImpl::ResidualBlockImpl(int64_t width)
    : first_(register_module("first", torch::nn::Linear(width, width))),
      second_(register_module("second", torch::nn::Linear(width, width))) {}

torch::Tensor ResidualBlockImpl::forward(const torch::Tensor& x) {
  return torch::leaky_relu(x + torch::leaky_relu(second_(torch::leaky_relu(first_(x)))));
}

}  // namespace links
