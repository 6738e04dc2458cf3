#include "links/network/residual_block.h"

#include <torch/torch.h>

namespace links {

ResidualBlockImpl::ResidualBlockImpl(int64_t stack, int64_t width)
    : first_(register_module("first", StackedLinear(AllColumns(stack, width), AllColumns(stack, width)))),
      second_(register_module("second", StackedLinear(AllColumns(stack, width), AllColumns(stack, width)))) {}

torch::Tensor ResidualBlockImpl::forward(const torch::Tensor& x, int64_t first) {
  // In place: each result is new and its sign tells the slope.
  torch::Tensor h = first_->forward(x, first);
  h = torch::leaky_relu_(h);
  h = second_->forward(h, first);
  h = torch::leaky_relu_(h) + x;
  return torch::leaky_relu_(h);
}

}  // namespace links
