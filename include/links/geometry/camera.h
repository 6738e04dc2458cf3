#pragma once

#include <torch/types.h>

namespace links {

/// Eq. 1: z = max(1, depth_offset + c), point = (x z, y z, z), returned root-centred, that is with c taken
/// from z. keypoints: (..., J, 2) normalised, depth_offset: (..., J) -> (..., J, 3) normalised units; leading
/// dimensions may be broadcast.
torch::Tensor Lift(const torch::Tensor& keypoints, const torch::Tensor& depth_offset);

/// Perspective projection of root-centred points, c added back to z. (..., J, 3) -> (..., J, 2) normalised.
torch::Tensor Project(const torch::Tensor& points);

}  // namespace links
