#include "layer_on_cpu.h"

#include <torch/types.h>

#include <bit>

#include "bfloat16_units.h"
#include "parts.h"
#include "processors.h"

namespace links {
namespace {

// Rows of a part. Fewer would repack the weights too often, more leave the core's cache.
constexpr int64_t kPartRows = 512;
// Columns from which a library's product is fast; a result with fewer is made as its transpose.
constexpr int64_t kNarrow = 16;

// To the nearest bfloat16, of two as near to the even one.
LINKS_FOR_EACH_PROCESSOR void Round(int64_t count, const float* from, float* to) {
#pragma GCC ivdep
  for (int64_t i = 0; i < count; ++i) {
    const auto bits = std::bit_cast<uint32_t>(from[i]);
    const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000;
    to[i] = from[i] == from[i] ? std::bit_cast<float>(rounded) : from[i];
  }
}

// A matrix as an operand of a product.
torch::Tensor Operand(const torch::Tensor& matrix, bool bfloat16) {
  if (!bfloat16) return matrix;
  torch::Tensor rounded = torch::empty(matrix.sizes(), matrix.options());
  for (int64_t row = 0; row < matrix.size(0); ++row) {
    Round(matrix.size(1), matrix.const_data_ptr<float>() + row * matrix.stride(0),
          rounded.mutable_data_ptr<float>() + row * rounded.stride(0));
  }
  return rounded;
}

// out = a b, or out += a b. Matrices.
void Multiply(torch::Tensor out, const torch::Tensor& a, const torch::Tensor& b, bool add) {
  if (out.size(1) < kNarrow && out.size(0) > kNarrow) {
    const torch::Tensor product = at::mm(b.t(), a.t()).t();
    if (add) {
      out.add_(product);
    } else {
      out.copy_(product);
    }
  } else if (add) {
    at::addmm_out(out, out, a, b);
  } else {
    at::mm_out(out, a, b);
  }
}

// to = LReLU(a + b), which may be one of them. Inlined, it is compiled for each processor with its caller.
[[gnu::always_inline]] inline void Activate(int64_t columns, const float* a, const float* b, float slope,
                                            float* to) {
#pragma GCC ivdep
  for (int64_t c = 0; c < columns; ++c) {
    const float value = a[c] + b[c];
    to[c] = value < 0 ? value * slope : value;
  }
}

// The gradient `to` of what an LReLU was given, from that of its result `y`.
[[gnu::always_inline]] inline void ActivateBackward(int64_t columns, const float* from, const float* y,
                                                    float slope, float* to) {
#pragma GCC ivdep
  for (int64_t c = 0; c < columns; ++c) to[c] = y[c] > 0 ? from[c] : from[c] * slope;
}

// h = LReLU(h + bias), and y = LReLU(h + residual) where there is a residual.
LINKS_FOR_EACH_PROCESSOR void Finish(int64_t rows, int64_t columns, const float* bias, float slope,
                                     Matrix inner, Matrix residual, Matrix result) {
  for (int64_t row = 0; row < rows; ++row) {
    float* h = inner.Row(row);
    Activate(columns, h, bias, slope, h);
    if (residual.data != nullptr) Activate(columns, h, residual.Row(row), slope, result.Row(row));
  }
}

// The way back from `from` through the LReLUs to the product, whose sums over the rows are added to `sums`.
// What is not there has no data.
LINKS_FOR_EACH_PROCESSOR void FinishBackward(int64_t rows, int64_t columns, float slope, Matrix gradient,
                                             Matrix result, Matrix of_residual, Matrix inner,
                                             Matrix of_product, float* sums) {
  for (int64_t row = 0; row < rows; ++row) {
    const float* from = gradient.Row(row);
    if (result.data != nullptr) {
      ActivateBackward(columns, from, result.Row(row), slope, of_residual.Row(row));
      from = of_residual.Row(row);
    }
    if (inner.data != nullptr) {
      ActivateBackward(columns, from, inner.Row(row), slope, of_product.Row(row));
      from = of_product.Row(row);
    }
    if (sums == nullptr) continue;
#pragma GCC ivdep
    for (int64_t c = 0; c < columns; ++c) sums[c] += from[c];
  }
}

int64_t CutsOfRows(int64_t networks, int64_t rows) {
  return Cuts(networks, rows, (rows + kPartRows - 1) / kPartRows);
}

}  // namespace

void ForwardOnCpu(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                  const torch::Tensor& residual, float slope, bool bfloat16, torch::Tensor& inner,
                  torch::Tensor& y) {
  const Bfloat16Units units(bfloat16);
  const int64_t networks = y.size(0), rows = y.size(1), columns = y.size(2);
  const torch::Tensor in = Rows(x), added = residual.defined() ? Rows(residual) : residual;
  ForEachPart(networks, rows, CutsOfRows(networks, rows), [&](const Part& part) {
    const Part all = {part.network, 0, columns, 0};
    Multiply(part.Of(inner), Operand(part.Of(in), bfloat16), Operand(all.Of(weight), bfloat16).t(),
             /*add=*/false);
    Finish(part.rows, columns, bias.const_data_ptr<float>() + part.network * bias.stride(0), slope,
           MatrixOf(part, inner), MatrixOf(part, added), MatrixOf(part, y));
  });
}

void BackwardOnCpu(const LayerGradients& own, float slope, bool bfloat16) {
  const Bfloat16Units units(bfloat16);
  const torch::Tensor gradient = Rows(own.of_y);
  const int64_t networks = gradient.size(0), rows = gradient.size(1), columns = gradient.size(2);
  const torch::Tensor of_product = own.inner.defined() ? own.of_product
                                   : own.y.defined()   ? own.of_residual
                                                       : gradient;
  const int64_t cuts = CutsOfRows(networks, rows);
  const torch::Tensor sums =
      own.of_bias.defined() ? torch::zeros({networks, cuts, columns}, gradient.options()) : torch::Tensor();
  ForEachPart(networks, rows, cuts, [&](const Part& part) {
    const auto matrix = [&](const torch::Tensor& stack) { return MatrixOf(part, stack); };
    FinishBackward(part.rows, columns, slope, matrix(gradient), matrix(own.y), matrix(own.of_residual),
                   matrix(own.inner), own.inner.defined() ? matrix(of_product) : Matrix(),
                   sums.defined() ? sums.mutable_data_ptr<float>() + part.number * columns : nullptr);
    if (!own.of_x.defined()) return;
    const Part all = {part.network, 0, columns, 0};
    Multiply(part.Of(own.of_x), Operand(part.Of(of_product), bfloat16), Operand(all.Of(own.weight), bfloat16),
             /*add=*/false);
  });
  if (own.of_weight.defined()) {
    const torch::Tensor x = Rows(own.x);
    ForEachPart(networks, columns, Cuts(networks, columns, 1), [&](const Part& part) {
      const Part all = {part.network, 0, rows, 0};
      const torch::Tensor factor = all.Of(of_product).narrow(1, part.row, part.rows);
      Multiply(part.Of(own.of_weight), Operand(factor, bfloat16).t(), Operand(all.Of(x), bfloat16),
               /*add=*/true);
    });
  }
  if (own.of_bias.defined()) own.of_bias.add_(sums.sum(1, /*keepdim=*/true));
}

}  // namespace links
