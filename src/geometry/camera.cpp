#include "links/geometry/camera.h"

#include <torch/torch.h>

#include "links/geometry/shapes.h"

namespace links {

torch::Tensor Lift(const torch::Tensor& keypoints, const torch::Tensor& depth_offset) {
  CheckShape(keypoints, {-1, -1, 2}, "keypoints");
  CheckShape(depth_offset, {keypoints.size(0), keypoints.size(1)}, "depth offsets");
  const torch::Tensor z = (depth_offset + kRootDepth).clamp_min(1.0).unsqueeze(-1);
  return torch::cat({keypoints * z, z - kRootDepth}, -1);
}

torch::Tensor Project(const torch::Tensor& points) {
  CheckShape(points, {-1, -1, 3}, "points");
  return points.narrow(-1, 0, 2) / (points.narrow(-1, 2, 1) + kRootDepth);
}

}  // namespace links
