#pragma once

#include <torch/types.h>

#include "links/data/pose_file.h"
#include "links/flow/pose_flows.h"
#include "links/metrics/protocol.h"

namespace links {

/// The direction that each body faces, degrees from 0 to below 360: 0 = to the camera, 90 = to the right of
/// the image, from hips, root and thorax. joints: (N, 17, 3) camera frame, any unit -> (N) float64.
torch::Tensor Azimuths(const torch::Tensor& joints);

/// The poses by twelfths of that direction (kByAzimuth).
Grouping ByAzimuth(const torch::Tensor& joints);

/// The full-pose flow's negative log-likelihood of keypoints (N, 17, 2), normalised, on its device: (N) nats
/// on the CPU.
torch::Tensor LikelihoodsOf(PoseFlows& flows, const torch::Tensor& keypoints);

/// The poses by tenths of the negative log-likelihood (N) nats (kByLikelihood).
Grouping ByLikelihood(const torch::Tensor& nats);

}  // namespace links
