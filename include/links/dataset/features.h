#pragma once

#include <torch/types.h>

#include <vector>

namespace links {

/// (B, J, K) -> (B, K J), coordinate-major as in the authors' code: all x, then all y, ...
torch::Tensor Flatten(const torch::Tensor& joints);
/// The inverse: (B, K J) -> (B, J, K).
torch::Tensor Unflatten(const torch::Tensor& columns, int64_t coordinates);

/// Which of the 17 joints each network of a stack has: (S, 17) bool.
torch::Tensor JointMask(const std::vector<std::vector<int>>& joints);
/// The same for the columns of joint-major poses, so many a joint: (S, 17) -> (S, 17 coordinates).
torch::Tensor FeatureMask(const torch::Tensor& joints, int64_t coordinates);

}  // namespace links
