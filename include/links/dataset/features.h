#pragma once

#include <torch/types.h>

#include <vector>

namespace links {

/// (..., J, K) -> (..., K J), coordinate-major as in the authors' code: all x, then all y, ...
torch::Tensor Flatten(const torch::Tensor& joints);
/// The inverse: (..., K J) -> (..., J, K).
torch::Tensor Unflatten(const torch::Tensor& features, int64_t coordinates);

/// Which of the 17 joints each network of a stack has: (S, 17) bool.
torch::Tensor JointMask(const std::vector<std::vector<int>>& joints);
/// The same for the features of joint-major poses, so many a joint: (..., 17) -> (..., 17 coordinates).
torch::Tensor FeatureMask(const torch::Tensor& joints, int64_t coordinates);

}  // namespace links
