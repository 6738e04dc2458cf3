#include "coupling_on_cpu.h"

#include <torch/types.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "../../network/cpu/parts.h"
#include "../../network/cpu/processors.h"

namespace links {
namespace {

// Rows that are worked on at a time; all that is kept of them fits the first cache.
constexpr int64_t kTile = 32;
// Numbers that are added or multiplied side by side, and rows whose sums are.
constexpr int64_t kLanes = 16, kRowsAtOnce = 4;
using Lanes [[gnu::vector_size(kLanes * sizeof(float))]] = float;

constexpr int64_t RoundedUp(int64_t count, int64_t multiple) {
  return (count + multiple - 1) / multiple * multiple;
}

int64_t Padded(int64_t columns) {
  return RoundedUp(columns, kLanes);
}

/// A matrix whose rows and columns lie so far apart.
struct Strided {
  const float* data;
  int64_t row, column;
};

// out = start + a b. a: (rows, inner), b: (inner, columns), start and out: (rows, columns); `rows` a multiple
// of kRowsAtOnce, `columns` of kLanes. start may be out.
[[gnu::always_inline]] inline void Multiply(int64_t rows, int64_t inner, int64_t columns, Strided a,
                                            const float* b, Strided start, float* out) {
  const auto load = [](const float* from, Lanes& to) { std::memcpy(&to, from, sizeof to); };
  for (int64_t row = 0; row < rows; row += kRowsAtOnce) {
    for (int64_t column = 0; column < columns; column += kLanes) {
      Lanes sums[kRowsAtOnce], factor;
      for (int64_t i = 0; i < kRowsAtOnce; ++i) load(start.data + (row + i) * start.row + column, sums[i]);
      for (int64_t k = 0; k < inner; ++k) {
        load(b + k * columns + column, factor);
        for (int64_t i = 0; i < kRowsAtOnce; ++i)
          sums[i] += a.data[(row + i) * a.row + k * a.column] * factor;
      }
      for (int64_t i = 0; i < kRowsAtOnce; ++i)
        std::memcpy(out + (row + i) * columns + column, &sums[i], sizeof(Lanes));
    }
  }
}

// e^x to 2e-7 of it: 2^n e^r with |r| <= ln 2 / 2, e^r by its series. As std::exp, but side by side.
[[gnu::always_inline]] inline float Exp(float x) {
  constexpr float kInverseLn2 = 1.44269504F, kLn2High = 0.693359375F, kLn2Low = -2.12194440e-4F;
  constexpr float kRound = 12582912;  // 1.5 * 2^23: added, it leaves the nearest integer in the last bits
  x = x < -87 ? -87 : x;
  x = x > 88 ? 88 : x;
  const float shifted = x * kInverseLn2 + kRound, n = shifted - kRound;
  const float r = (x - n * kLn2High) - n * kLn2Low;
  const float series =
      1 + r * (1 + r * (1 / 2.F + r * (1 / 6.F + r * (1 / 24.F + r * (1 / 120.F + r * (1 / 720.F))))));
  const int32_t power = std::bit_cast<int32_t>(shifted) - std::bit_cast<int32_t>(kRound);
  return series * std::bit_cast<float>((power + 127) << 23);
}

/// SoftClamp in float32.
struct Clamp {
  explicit Clamp(const SoftClamp& of)
      : gain(static_cast<float>(of.gain)),
        bound(static_cast<float>(of.bound)),
        inner(static_cast<float>(of.gain / of.divisor)) {}

  float gain, bound;
  float inner;  // of the raw log scale within the tanh
};

/// Numbers of a part of one flow's poses, and what its rows are kept in while they are worked on.
struct Workspace {
  Workspace(int64_t channels, int64_t active_channels)
      : columns(channels),
        active(active_channels),
        passive(channels - active_channels),
        padded(Padded(channels)),
        tanh(kTile * active),
        scale(kTile * active),
        y(kTile * padded),
        z(kTile * padded),
        of_y(kTile * padded),
        factors(padded * padded),
        offsets(padded) {}

  int64_t columns, active, passive;
  int64_t padded;                  // columns of what follows
  std::vector<float> tanh, scale;  // of the log scale, (kTile, active)
  std::vector<float> y, z, of_y;   // (kTile, padded), 0 beyond their columns
  std::vector<float> factors, offsets;
};

[[gnu::always_inline]] inline void ScalesOf(int64_t row, int64_t rows, Matrix outputs, const Clamp& clamp,
                                            Workspace& own) {
  float *tanh = own.tanh.data(), *scale = own.scale.data();
  for (int64_t r = 0; r < rows; ++r)
    std::memcpy(tanh + r * own.active, outputs.Row(row + r), own.active * sizeof(float));
#pragma GCC ivdep
  for (int64_t i = 0; i < rows * own.active; ++i) {
    tanh[i] = 1 - 2 / (Exp(2 * clamp.inner * tanh[i]) + 1);
    scale[i] = Exp(clamp.bound * tanh[i]);
  }
}

// own.y of some rows.
[[gnu::always_inline]] inline void CoupleRows(int64_t row, int64_t rows, Matrix x, Matrix outputs,
                                              const Clamp& clamp, Workspace& own) {
  ScalesOf(row, rows, outputs, clamp, own);
  for (int64_t r = 0; r < rows; ++r) {
    const float *from = x.Row(row + r), *scale = own.scale.data() + r * own.active;
    const float* shift = outputs.Row(row + r) + own.active;
    float* y = own.y.data() + r * own.padded;
    std::memcpy(y, from, own.passive * sizeof(float));
#pragma GCC ivdep
    for (int64_t c = 0; c < own.active; ++c)
      y[own.passive + c] = from[own.passive + c] * scale[c] + clamp.gain * shift[c];
  }
}

LINKS_FOR_EACH_PROCESSOR void Forward(int64_t rows, Matrix x, Matrix outputs, const Clamp& clamp, Matrix z,
                                      Matrix log_det, Workspace& own) {
  for (int64_t row = 0; row < rows; row += kTile) {
    const int64_t some = std::min(kTile, rows - row);
    CoupleRows(row, some, x, outputs, clamp, own);
    Multiply(RoundedUp(some, kRowsAtOnce), own.columns, own.padded, {own.y.data(), own.padded, 1},
             own.factors.data(), {own.offsets.data(), 0, 1}, own.z.data());
    for (int64_t r = 0; r < some; ++r) {
      std::memcpy(z.Row(row + r), own.z.data() + r * own.padded, own.columns * sizeof(float));
      float sum = 0;
      for (int64_t c = 0; c < own.active; ++c) sum += own.tanh[r * own.active + c];
      *log_det.Row(row + r) = clamp.bound * sum;
    }
  }
}

/// Where the gradients of a part go; what has no data is not needed.
struct PartGradients {
  Matrix of_z, of_log_det, of_x, of_outputs;
  float *of_factors, *of_offsets;  // (padded, padded), (padded), added to
};

LINKS_FOR_EACH_PROCESSOR void Backward(int64_t rows, Matrix x, Matrix outputs, const float* used,
                                       const Clamp& clamp, const PartGradients& to, Workspace& own) {
  for (int64_t row = 0; row < rows; row += kTile) {
    const int64_t some = std::min(kTile, rows - row);
    CoupleRows(row, some, x, outputs, clamp, own);
    for (int64_t r = 0; r < some; ++r)
      std::memcpy(own.z.data() + r * own.padded, to.of_z.Row(row + r), own.columns * sizeof(float));
    if (to.of_factors != nullptr) {
      Multiply(own.padded, some, own.padded, {own.y.data(), 1, own.padded}, own.z.data(),
               {to.of_factors, own.padded, 1}, to.of_factors);
      for (int64_t r = 0; r < some; ++r) {
#pragma GCC ivdep
        for (int64_t c = 0; c < own.padded; ++c) to.of_offsets[c] += own.z[r * own.padded + c];
      }
    }
    if (to.of_x.data == nullptr && to.of_outputs.data == nullptr) continue;
    Multiply(RoundedUp(some, kRowsAtOnce), own.columns, own.padded, {own.z.data(), own.padded, 1},
             own.factors.data(), {own.offsets.data(), 0, 1}, own.of_y.data());
    for (int64_t r = 0; r < some; ++r) {
      const float *of_y = own.of_y.data() + r * own.padded, *of_active = of_y + own.passive;
      const float *active = x.Row(row + r) + own.passive, *scale = own.scale.data() + r * own.active;
      const float *tanh = own.tanh.data() + r * own.active, of_log_det = *to.of_log_det.Row(row + r);
      if (to.of_x.data != nullptr) {
        float* of_x = to.of_x.Row(row + r);
        std::memcpy(of_x, of_y, own.passive * sizeof(float));
#pragma GCC ivdep
        for (int64_t c = 0; c < own.active; ++c) of_x[own.passive + c] = of_active[c] * scale[c];
      }
      if (to.of_outputs.data == nullptr) continue;
      float *of_raw = to.of_outputs.Row(row + r), *of_shift = of_raw + own.active;
#pragma GCC ivdep
      for (int64_t c = 0; c < own.active; ++c) {
        const float of_log_scale = of_active[c] * active[c] * scale[c] + of_log_det * used[c];
        of_raw[c] = of_log_scale * clamp.bound * clamp.inner * (1 - tanh[c] * tanh[c]);
        of_shift[c] = of_active[c] * clamp.gain;
      }
    }
  }
}

LINKS_FOR_EACH_PROCESSOR void Inverse(int64_t rows, Matrix y, Matrix outputs, const Clamp& clamp, Matrix x,
                                      Workspace& own) {
  for (int64_t row = 0; row < rows; row += kTile) {
    const int64_t some = std::min(kTile, rows - row);
    ScalesOf(row, some, outputs, clamp, own);
    for (int64_t r = 0; r < some; ++r) {
      const float *from = y.Row(row + r), *scale = own.scale.data() + r * own.active;
      const float* shift = outputs.Row(row + r) + own.active;
      float* to = x.Row(row + r);
      std::memcpy(to, from, own.passive * sizeof(float));
#pragma GCC ivdep
      for (int64_t c = 0; c < own.active; ++c)
        to[own.passive + c] = (from[own.passive + c] - clamp.gain * shift[c]) / scale[c];
    }
  }
}

// The factors of a flow, (D, D), or their transpose, with zeros around.
void Pad(Strided factors, Workspace& own) {
  for (int64_t row = 0; row < own.columns; ++row) {
    for (int64_t column = 0; column < own.columns; ++column)
      own.factors[row * own.padded + column] = factors.data[row * factors.row + column * factors.column];
  }
}

const float* DataOf(const torch::Tensor& stack, const Part& part) {
  return stack.const_data_ptr<float>() + part.network * stack.stride(0);
}

int64_t PartsOf(const torch::Tensor& x) {
  return Cuts(x.size(0), x.size(1), /*least=*/1);
}

}  // namespace

void CoupleOnCpu(const CouplingInputs& inputs, const SoftClamp& clamp, torch::Tensor& z,
                 torch::Tensor& log_det) {
  const torch::Tensor x = Rows(inputs.x), outputs = Rows(inputs.outputs), offsets = Rows(inputs.offsets);
  ForEachPart(x.size(0), x.size(1), PartsOf(x), [&](const Part& part) {
    Workspace own(x.size(2), outputs.size(2) / 2);
    Pad({DataOf(inputs.factors, part), inputs.factors.stride(1), inputs.factors.stride(2)}, own);
    std::copy_n(DataOf(offsets, part), own.columns, own.offsets.data());
    Forward(part.rows, MatrixOf(part, x), MatrixOf(part, outputs), Clamp(clamp), MatrixOf(part, z),
            MatrixOf(part, log_det), own);
  });
}

void CoupleBackwardOnCpu(const CouplingInputs& inputs, const SoftClamp& clamp, CouplingGradients& gradients) {
  const torch::Tensor x = Rows(inputs.x), outputs = Rows(inputs.outputs), used = Rows(inputs.used);
  const torch::Tensor of_z = Rows(gradients.of_z), of_log_det = gradients.of_log_det.contiguous();
  const int64_t cuts = PartsOf(x), networks = x.size(0), columns = x.size(2), padded = Padded(columns);
  torch::Tensor of_factors, of_offsets;  // of each part
  if (gradients.of_factors.defined()) {
    of_factors = torch::zeros({networks, cuts, padded, padded}, x.options());
    of_offsets = torch::zeros({networks, cuts, 1, padded}, x.options());
  }
  ForEachPart(networks, x.size(1), cuts, [&](const Part& part) {
    const auto matrix = [&](const torch::Tensor& stack) {
      return stack.defined() ? MatrixOf(part, stack) : Matrix();
    };
    const auto sums = [&](const torch::Tensor& stack) {
      return stack.defined() ? stack.mutable_data_ptr<float>() + part.number * stack.stride(1) : nullptr;
    };
    Workspace own(columns, outputs.size(2) / 2);
    Pad({DataOf(inputs.factors, part), inputs.factors.stride(2), inputs.factors.stride(1)}, own);
    Backward(part.rows, matrix(x), matrix(outputs), DataOf(used, part), Clamp(clamp),
             {matrix(of_z), matrix(of_log_det), matrix(gradients.of_x), matrix(gradients.of_outputs),
              sums(of_factors), sums(of_offsets)},
             own);
  });
  if (!of_factors.defined()) return;
  const auto total = [&](const torch::Tensor& parts, torch::Tensor& result) {
    result.copy_(parts.sum(1).narrow(-2, 0, result.size(-2)).narrow(-1, 0, columns));
  };
  total(of_factors, gradients.of_factors);
  total(of_offsets, gradients.of_offsets);
}

void UncoupleOnCpu(const torch::Tensor& y, const torch::Tensor& outputs, const SoftClamp& clamp,
                   torch::Tensor& x) {
  const torch::Tensor from = Rows(y), own_outputs = Rows(outputs);
  ForEachPart(from.size(0), from.size(1), PartsOf(from), [&](const Part& part) {
    Workspace own(from.size(2), own_outputs.size(2) / 2);
    Inverse(part.rows, MatrixOf(part, from), MatrixOf(part, own_outputs), Clamp(clamp), MatrixOf(part, x),
            own);
  });
}

}  // namespace links
