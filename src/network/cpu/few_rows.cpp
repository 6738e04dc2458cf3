#include "few_rows.h"

#include <torch/types.h>

#include <algorithm>

#include "parallel.h"
#include "processors.h"

namespace links {
namespace {

// Sums kept side by side, as many as fill four of the widest registers.
constexpr int64_t kLanes = 64;
// Weights that are worth another thread.
constexpr int64_t kWeightsOfAThread = 1 << 15;

/// Some outputs of one network.
struct Part {
  const float *x, *weight, *bias;
  float* y;
  int64_t rows, in, out, outputs;  // `out` of the whole network
  float slope;
};

LINKS_FOR_EACH_PROCESSOR void Multiply(const Part& part) {
  for (int64_t o = 0; o < part.outputs; ++o) {
    const float* w = part.weight + o * part.in;
    for (int64_t row = 0; row < part.rows; ++row) {
      const float* x = part.x + row * part.in;
      float lanes[kLanes] = {};
      int64_t k = 0;
      for (; k + kLanes <= part.in; k += kLanes)
        for (int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] += w[k + lane] * x[k + lane];
      for (int64_t lane = 0; k + lane < part.in; ++lane) lanes[lane] += w[k + lane] * x[k + lane];
      for (int64_t half = kLanes / 2; half > 0; half /= 2)
        for (int64_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
      const float sum = lanes[0] + part.bias[o];
      part.y[row * part.out + o] = sum < 0 ? sum * part.slope : sum;
    }
  }
}

}  // namespace

void ProductOfFewRows(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                      float slope, torch::Tensor& y) {
  const int64_t networks = x.size(0), rows = x.size(1), in = x.size(2), out = weight.size(1);
  const torch::Tensor rows_of_x = x.contiguous();
  const int64_t block = std::max<int64_t>(1, kWeightsOfAThread / in), blocks = (out + block - 1) / block;
  const float *x_data = rows_of_x.const_data_ptr<float>(), *weight_data = weight.const_data_ptr<float>(),
              *bias_data = bias.const_data_ptr<float>();
  float* y_data = y.data_ptr<float>();
  at::parallel_for(0, networks * blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = i / blocks, first = i % blocks * block;
      Multiply({x_data + n * rows * in, weight_data + n * weight.stride(0) + first * in,
                bias_data + n * bias.stride(0) + first, y_data + n * rows * out + first, rows, in, out,
                std::min(block, out - first), slope});
    }
  });
}

}  // namespace links
