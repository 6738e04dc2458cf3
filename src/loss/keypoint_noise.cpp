#include "links/loss/keypoint_noise.h"

#include <torch/types.h>

#include "links/skeleton/skeleton.h"

namespace links {

torch::Tensor AddNoise(const torch::Tensor& poses, double deviation, const RandomStreams& streams) {
  if (deviation == 0) return poses;
  const torch::Tensor body = poses.narrow(-2, 1, kJoints - 1);
  return torch::cat({poses.narrow(-2, 0, 1), body + deviation * streams.Normal(body, body.dim() - 4)}, -2);
}

}  // namespace links
