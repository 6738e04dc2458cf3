#pragma once

#include <torch/types.h>

namespace links {

/// Rotations about the camera's x axis (elevation) and y axis (azimuth). angle: (...) radians -> (..., 3,
/// 3).
torch::Tensor RotationX(const torch::Tensor& angle);
torch::Tensor RotationY(const torch::Tensor& angle);

/// R p for every joint. rotation: (..., 3, 3), points: (..., J, 3) -> (..., J, 3).
torch::Tensor Rotate(const torch::Tensor& rotation, const torch::Tensor& points);

/// The rotation that does `first` and then `second`: (..., 3, 3).
torch::Tensor Chain(const torch::Tensor& second, const torch::Tensor& first);

/// R^-1 p for every joint.
torch::Tensor RotateBack(const torch::Tensor& rotation, const torch::Tensor& points);

}  // namespace links
