#include "links/loss/virtual_view.h"

#include <torch/types.h>

#include "links/geometry/rotation.h"

namespace links {
namespace {

// Uniform in [-half_range, half_range], in the shape of the elevations (G, ..., B).
torch::Tensor Uniform(const RandomStreams& streams, const torch::Tensor& elevations, double half_range) {
  return (streams.Uniform(elevations, 1) * 2 - 1) * half_range;
}

}  // namespace

torch::Tensor DrawRotations(const LiftingLossOptions& options, const torch::Tensor& elevations,
                            const RandomStreams& streams) {
  const torch::Tensor azimuth = Uniform(streams, elevations, options.azimuth_range);
  if (options.elevation == ElevationRotation::kFixed)
    return Chain(RotationX(Uniform(streams, elevations, options.elevation_range)), RotationY(azimuth));
  // A view: the gradients of both statistics are added up before the elevations' own.
  const torch::Tensor batch = elevations.view(elevations.sizes());
  const torch::Tensor mean = batch.mean(-1, /*keepdim=*/true), deviation = batch.std(-1, true, true);
  const torch::Tensor angle = deviation * streams.Normal(elevations, 1) - mean;
  return Chain(Chain(RotationX(angle), RotationY(azimuth)), RotationX(elevations));
}

}  // namespace links
