#include "links/network/residual_block.h"

#include <torch/torch.h>

namespace links {
namespace {

constexpr double kSlope = 0.01;

}  // namespace

ResidualBlockImpl::ResidualBlockImpl(int64_t stack, int64_t width)
    : first_(register_module("first", StackedLinear(AllFeatures(stack, width), AllFeatures(stack, width)))),
      second_(register_module("second", StackedLinear(AllFeatures(stack, width), AllFeatures(stack, width)))) {}

torch::Tensor ResidualBlockImpl::forward(const torch::Tensor& x, int64_t first) {
  return second_->Residual(first_->Activated(x, kSlope, first), x, kSlope, first);
}

}  // namespace links
