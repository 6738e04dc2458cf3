#include "links/loss/random_azimuth.h"

#include <torch/types.h>

#include <numbers>

#include "links/geometry/rotation.h"

namespace links {

torch::Tensor RandomAzimuth(const torch::Tensor& keypoints, const RandomStreams& streams) {
  const torch::Tensor of_each_pose =
      torch::empty(keypoints.sizes().slice(0, keypoints.dim() - 2), keypoints.options());
  return RotationY((streams.Uniform(of_each_pose) * 2 - 1) * std::numbers::pi);
}

}  // namespace links
