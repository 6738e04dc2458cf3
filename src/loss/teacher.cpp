#include "links/loss/teacher.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <numbers>

#include "links/geometry/rotation.h"
#include "links/loss/virtual_view.h"

namespace links {
namespace {

// A uniform angle about the camera's y axis for each pose, (..., B, 3, 3).
torch::Tensor RandomAzimuth(const torch::Tensor& keypoints, const RandomStreams& streams) {
  return RotationY((streams.Uniform(keypoints.select(-1, 0).select(-1, 0)) * 2 - 1) * std::numbers::pi);
}

}  // namespace

TaughtPoses AskTeacher(PoseLifters& lifters, const std::vector<Composition>& teacher,
                       const CopyOptions& copies, const torch::Tensor& keypoints,
                       const RandomStreams& streams) {
  const torch::NoGradGuard no_grad;
  const std::vector<Segment> segments = SegmentsOf(teacher);
  const bool needs_elevation = copies.count > 0 && copies.rotation == CopyRotation::kVirtualView;
  LiftedSegments lifted;
  if (needs_elevation) {
    lifted = lifters->Lift(keypoints, segments);
  } else {
    lifted.depths = lifters->Depths(keypoints, segments);
  }
  const torch::Tensor shares =
      lifters->Selection(teacher, segments, keypoints.device()).mean(0, /*keepdim=*/true);
  TaughtPoses poses{ComposePoses(keypoints, lifted.depths, shares).squeeze(0), {}};
  const torch::Tensor elevation =
      needs_elevation ? lifted.elevation.mean(0, /*keepdim=*/true) : torch::Tensor();  // (1, ..., B)
  for (int64_t copy = 0; copy < copies.count; ++copy) {
    poses.rotations.push_back(needs_elevation ? DrawRotations(copies.views, elevation, streams).squeeze(0)
                                              : RandomAzimuth(keypoints, streams));
  }
  return poses;
}

torch::Tensor OtherSides(torch::Device device) {
  return torch::tensor(std::vector<int64_t>(kOtherSide.begin(), kOtherSide.end()), torch::kInt64).to(device);
}

torch::Tensor Mirrored(const torch::Tensor& joints, const torch::Tensor& other_side) {
  const torch::Tensor other = joints.index_select(-2, other_side);
  return torch::cat({-other.narrow(-1, 0, 1), other.narrow(-1, 1, other.size(-1) - 1)}, -1);
}

}  // namespace links
