#pragma once

#include <torch/types.h>
#include <torch/utils.h>

#include <string>
#include <vector>

#include "links/data/pose_file.h"

namespace links::test {

/// Ground truth of these root-centred joints (N, 17, 3) in mm, 5 m from the camera.
inline PoseData TruthOf(const torch::Tensor& joints_mm) {
  const torch::Tensor seen = (joints_mm + torch::tensor({0.0, 0.0, 5000.0})).to(torch::kFloat32).contiguous();
  PoseData data;
  data.joints_3d.assign(seen.data_ptr<float>(), seen.data_ptr<float>() + seen.numel());
  data.keypoints_2d.assign(static_cast<size_t>(34 * seen.size(0)), 0.0f);
  return data;
}

/// (N, 17, 3) mm, root at the origin.
inline torch::Tensor RandomJoints(int64_t poses) {
  torch::manual_seed(7);
  torch::Tensor joints = 300 * torch::randn({poses, 17, 3});
  joints.select(1, 0).zero_();
  return joints;
}

}  // namespace links::test
