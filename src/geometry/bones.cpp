#include "links/geometry/bones.h"

#include <torch/types.h>

#include "links/skeleton/skeleton.h"

namespace links {

torch::Tensor RelativeBoneLengths(const torch::Tensor& pose) {
  // Joint j + 1 is the child of bone j; the parents are gathered by slices, which needs no index on the
  // device.
  const auto joints = [&](int64_t first, int64_t count) { return pose.narrow(-2, first, count); };
  const torch::Tensor parents =
      torch::cat({joints(0, 3), joints(0, 1), joints(4, 2), joints(0, 1), joints(7, 3), joints(8, 1),
                  joints(11, 2), joints(8, 1), joints(14, 2)},
                 -2);
  const torch::Tensor lengths = (joints(1, kBones) - parents).norm(2, -1);
  return lengths / lengths.mean(-1, /*keepdim=*/true);
}

}  // namespace links
