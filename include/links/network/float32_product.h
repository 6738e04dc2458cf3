#pragma once

#include <torch/types.h>

namespace links {

/// a b + added with broadcasting as of matmul, in full float32 whatever SetPrecision says, and so are its
/// gradients. For products of a few channels that have to be undone (a flow's rotations, principal
/// components): TF32 gains nothing there, and what it rounds to 10 bits parts an inverse from its forward
/// pass. a: (..., B, in), b: (..., in, out); added: broadcast to the result, or undefined = 0.
torch::Tensor Float32Product(const torch::Tensor& a, const torch::Tensor& b, const torch::Tensor& added = {});

}  // namespace links
