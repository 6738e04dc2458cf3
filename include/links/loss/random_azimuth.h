#pragma once

#include <torch/types.h>

#include "links/dataset/random_streams.h"

namespace links {

/// For each pose a rotation about the camera's y axis by an angle uniform in [-pi, pi): (..., B, 3, 3).
/// keypoints: (..., B, 17, 2), "..." the R runs of an ensemble.
torch::Tensor RandomAzimuth(const torch::Tensor& keypoints, const RandomStreams& streams);

}  // namespace links
