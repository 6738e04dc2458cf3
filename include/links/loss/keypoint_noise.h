#pragma once

#include <torch/types.h>

#include "links/dataset/random_streams.h"

namespace links {

/// Poses with Gaussian noise of this deviation, normalised units, on every joint but the root, which is the
/// origin. poses: (..., B, 17, 2), "..." the R runs of an ensemble, or (K, ..., B, 17, 2), with noise of its
/// own for each of K -> the same shape; itself where the deviation is 0.
torch::Tensor AddNoise(const torch::Tensor& poses, double deviation, const RandomStreams& streams);

}  // namespace links
