#pragma once

#include <torch/types.h>

#include "links/dataset/random_streams.h"
#include "links/loss/lifting_terms.h"

namespace links {

/// Rotations of poses to virtual views (paper sec. 3.5): R = Rx(a) Ry(b) Rx(elevation), a normal around minus
/// the mean elevation of the batch, with its deviation, and b uniform; or, as `options` have it, Rx(a) Ry(b)
/// with a uniform in a fixed range. elevations: (G, ..., B) radians, "..." the R runs of an ensemble ->
/// (G, ..., B, 3, 3).
torch::Tensor DrawRotations(const LiftingLossOptions& options, const torch::Tensor& elevations,
                            const RandomStreams& streams);

}  // namespace links
