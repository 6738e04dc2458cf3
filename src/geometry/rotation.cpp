#include "links/geometry/rotation.h"

#include <torch/types.h>

namespace links {
namespace {

// The nine entries, row by row, each (...).
torch::Tensor Matrix(std::initializer_list<torch::Tensor> entries) {
  return torch::stack(torch::TensorList(entries.begin(), entries.size()), -1).unflatten(-1, {3, 3});
}

// points (..., J, 3) times matrices (..., 3, 3). Not as a product on a GPU, which would round places to TF32.
torch::Tensor Times(const torch::Tensor& points, const torch::Tensor& matrix) {
  if (points.is_cpu()) return torch::matmul(points, matrix);
  const auto column = [&](int64_t k) { return points.narrow(-1, k, 1); };
  const auto row = [&](int64_t k) { return matrix.narrow(-2, k, 1); };
  return torch::addcmul(torch::addcmul(column(0) * row(0), column(1), row(1)), column(2), row(2));
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
  return Times(points, rotation.transpose(-1, -2));
}

torch::Tensor RotateBack(const torch::Tensor& rotation, const torch::Tensor& points) {
  return Times(points, rotation);
}

torch::Tensor Chain(const torch::Tensor& second, const torch::Tensor& first) {
  return Times(second, first);
}

}  // namespace links
