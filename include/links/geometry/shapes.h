#pragma once

#include <torch/types.h>

#include <initializer_list>

namespace links {

/// Throws Error unless `tensor` has the shape; -1 stands for any size. Example: CheckShape(x, {-1, 17, 2},
/// "keypoints").
void CheckShape(const torch::Tensor& tensor, std::initializer_list<int64_t> shape, const char* name);

/// The same for the last dimensions; any may lead.
void CheckLastSizes(const torch::Tensor& tensor, std::initializer_list<int64_t> sizes, const char* name);

/// Throws Error unless these are 2D poses (..., B, 17, 2), or (stack, ..., B, 17, 2), one for each network of
/// a stack, with "..." the R runs of an ensemble (network/ensemble.h) and nothing of a single run.
void CheckPoses(const torch::Tensor& poses, int64_t stack, int64_t runs);

/// The tensor with dimensions of size 1 inserted at `dim` until it has `dims` of them.
torch::Tensor InsertAxes(const torch::Tensor& tensor, int64_t dim, int64_t dims);

/// The sum over the first dimension, one after the other: the same to the bit whatever dimensions follow,
/// where sum(0) of a single run adds in another order than that of an ensemble.
torch::Tensor SumInOrder(const torch::Tensor& values);

}  // namespace links
