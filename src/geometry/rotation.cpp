#include "links/geometry/rotation.h"

#include <torch/torch.h>

namespace links {
namespace {

// The nine entries, row by row, each (...).
torch::Tensor Matrix(std::initializer_list<torch::Tensor> entries) {
  return torch::stack(torch::TensorList(entries.begin(), entries.size()), -1).unflatten(-1, {3, 3});
}

}  // namespace

torch::Tensor RotationX(const torch::Tensor& angle) {
  const torch::Tensor c = angle.cos(), s = angle.sin(), one = torch::ones_like(angle),
                      zero = torch::zeros_like(angle);
  return Matrix({one, zero, zero, zero, c, -s, zero, s, c});
}

torch::Tensor RotationY(const torch::Tensor& angle) {
  const torch::Tensor c = angle.cos(), s = angle.sin(), one = torch::ones_like(angle),
                      zero = torch::zeros_like(angle);
  return Matrix({c, zero, s, zero, one, zero, -s, zero, c});
}

torch::Tensor Rotate(const torch::Tensor& rotation, const torch::Tensor& points) {
  return torch::matmul(points, rotation.transpose(-1, -2));
}

torch::Tensor RotateBack(const torch::Tensor& rotation, const torch::Tensor& points) {
  return torch::matmul(points, rotation);
}

}  // namespace links
