#pragma once

#include <torch/types.h>

#include <vector>

#include "links/dataset/random_streams.h"
#include "links/lifter/pose_lifters.h"
#include "links/loss/lifting_terms.h"

namespace links {

/// How copies of a teacher's poses are rotated: about the camera's y axis (eq. 7), or to virtual views as
/// those of eq. 10, around the mean elevation of the teacher's lifters.
enum class CopyRotation { kAzimuth, kVirtualView };

struct CopyOptions {
  int64_t count = 0;
  CopyRotation rotation = CopyRotation::kAzimuth;
  LiftingLossOptions views;  ///< those of eq. 10
};

/// What a teacher says of a batch, without gradients.
struct TaughtPoses {
  torch::Tensor joints;                  ///< (..., B, 17, 3)
  std::vector<torch::Tensor> rotations;  ///< of each copy, (..., B, 3, 3)
};

/// The poses with the mean depths of the compositions, the teacher, and rotations for copies of them.
/// keypoints: (..., B, 17, 2) normalised, "..." the R runs of an ensemble.
TaughtPoses AskTeacher(PoseLifters& lifters, const std::vector<Composition>& teacher,
                       const CopyOptions& copies, const torch::Tensor& keypoints,
                       const RandomStreams& streams);

/// kOtherSide as (17) int64.
torch::Tensor OtherSides(torch::Device device);
/// Mirror images of joints or keypoints (..., 17, 2 or 3), x negated and left and right exchanged.
/// other_side: OtherSides on the device.
torch::Tensor Mirrored(const torch::Tensor& joints, const torch::Tensor& other_side);

}  // namespace links
