#pragma once

#include <torch/types.h>

#include <initializer_list>

namespace links {

/// Throws Error unless `tensor` has the shape; -1 stands for any size. Example: CheckShape(x, {-1, 17, 2},
/// "keypoints").
void CheckShape(const torch::Tensor& tensor, std::initializer_list<int64_t> shape, const char* name);

/// The same for the last dimensions; any may lead.
void CheckLastSizes(const torch::Tensor& tensor, std::initializer_list<int64_t> sizes, const char* name);

/// Throws Error unless these are 2D poses (B, 17, 2), or (stack, B, 17, 2), one for each network of a stack.
void CheckPoses(const torch::Tensor& poses, int64_t stack);

}  // namespace links
