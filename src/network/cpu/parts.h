#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>

namespace links {

/// Whether the loops here are for it.
inline bool InFloat32OnCpu(const torch::Tensor& x) {
  return x.is_cpu() && x.scalar_type() == torch::kFloat32;
}

/// Some rows of one network of a stack.
struct Part {
  int64_t network, row, rows;
  int64_t number;  ///< of the part

  /// These rows of a stack (N, rows, columns).
  torch::Tensor Of(const torch::Tensor& stack) const;
};

/// In how many parts to cut `rows` of each network: not less than `least`, and so many that all threads have
/// as many of them, none of them too small to be worth a thread of its own.
int64_t Cuts(int64_t networks, int64_t rows, int64_t least);

/// Calls `work` on all threads for parts that together are all rows of all networks. A network's parts are
/// numbered from `cuts` times the network on.
void ForEachPart(int64_t networks, int64_t rows, int64_t cuts, const std::function<void(const Part&)>& work);

/// The stack with columns that lie side by side.
torch::Tensor Rows(const torch::Tensor& stack);

/// Rows of a matrix: the first of them, and how far they lie apart.
struct Matrix {
  float* data = nullptr;
  int64_t step = 0;

  float* Row(int64_t row) const { return data + row * step; }
};

/// A part's rows of a stack (N, rows, columns) of float32, without a tensor for them; no data for an
/// undefined one.
Matrix MatrixOf(const Part& part, const torch::Tensor& stack);

}  // namespace links
