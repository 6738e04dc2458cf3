#include "links/network/residual_block.h"

#include <torch/types.h>

namespace links {
namespace {

constexpr double kSlope = 0.01;

}  // namespace

ResidualBlockImpl::ResidualBlockImpl(const torch::Tensor& features)
    : first_(register_module("first", StackedLinear(features, features))),
      second_(register_module("second", StackedLinear(features, features))) {}

torch::Tensor ResidualBlockImpl::forward(const torch::Tensor& x, int64_t first) {
  return second_->Residual(first_->Activated(x, kSlope, first), x, kSlope, first);
}

}  // namespace links
