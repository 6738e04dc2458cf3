#pragma once

#include <torch/types.h>

namespace links {

/// (B, J, K) -> (B, K J), coordinate-major as in the authors' code: all x, then all y, ...
torch::Tensor Flatten(const torch::Tensor& joints);
/// The inverse: (B, K J) -> (B, J, K).
torch::Tensor Unflatten(const torch::Tensor& columns, int64_t coordinates);

}  // namespace links
