#include "links/geometry/camera.h"

#include <torch/types.h>

#include "links/geometry/shapes.h"
#include "links/skeleton/units.h"

namespace links {

// Eq. 1.
torch::Tensor Lift(const torch::Tensor& keypoints, const torch::Tensor& depth_offset) {
  CheckLastSizes(keypoints, {-1, 2}, "keypoints");
  CheckLastSizes(depth_offset, {keypoints.size(-2)}, "depth offsets");
  const torch::Tensor z = (depth_offset + kRootDepth).clamp_min(1.0).unsqueeze(-1);
  const torch::Tensor plane = keypoints * z;
  return torch::cat({plane, z - kRootDepth}, -1);
}

torch::Tensor Project(const torch::Tensor& points) {
  CheckLastSizes(points, {-1, 3}, "points");
  return points.narrow(-1, 0, 2) / (points.narrow(-1, 2, 1) + kRootDepth);
}

}  // namespace links
