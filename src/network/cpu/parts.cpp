#include "parts.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <torch/types.h>

#include <algorithm>
#include <numeric>

#include "parallel.h"

namespace links {
namespace {

// Rows and columns below which a part is not worth a thread of its own.
constexpr int64_t kFewestRows = 32;

}  // namespace

torch::Tensor Part::Of(const torch::Tensor& stack) const {
  const int64_t step = stack.stride(1);
  return stack.as_strided({rows, stack.size(2)}, {step, 1},
                          stack.storage_offset() + network * stack.stride(0) + row * step);
}

int64_t Cuts(int64_t networks, int64_t rows, int64_t least) {
  const int64_t threads = at::get_num_threads(), step = threads / std::gcd(networks, threads);
  const int64_t cuts = (least + step - 1) / step * step;
  return std::clamp<int64_t>(rows / kFewestRows, 1, std::max(least, cuts));
}

void ForEachPart(int64_t networks, int64_t rows, int64_t cuts, const std::function<void(const Part&)>& work) {
  const int64_t block = (rows + cuts - 1) / cuts;
  at::parallel_for(0, networks * cuts, 1, [&](int64_t begin, int64_t end) {
    const at::AutoDispatchBelowADInplaceOrView no_autograd;
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = i % cuts * block;
      if (row < rows) work({i / cuts, row, std::min(block, rows - row), i});
    }
  });
}

torch::Tensor Rows(const torch::Tensor& stack) {
  return stack.stride(2) == 1 && stack.stride(1) >= stack.size(2) ? stack : stack.contiguous();
}

Matrix MatrixOf(const Part& part, const torch::Tensor& stack) {
  if (!stack.defined()) return {};
  float* data = stack.mutable_data_ptr<float>();
  return {data + part.network * stack.stride(0) + part.row * stack.stride(1), stack.stride(1)};
}

}  // namespace links
