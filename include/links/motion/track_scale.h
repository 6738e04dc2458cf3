#pragma once

#include <cstdint>
#include <vector>

namespace links {

/// What one frame says of a person's size: lengths in the image, and what they are on average for a body of
/// size 1.
struct SizeSample {
  int64_t frame = 0;
  double pixels = 0, units = 0;  ///< 0 = it says nothing
};

/// The size of a person in every frame of a track, pixels a unit, from all of them: one number for who stays
/// at one distance, a smooth course for who walks to or from the camera.
///
/// With m(t) the ratio of the sums of pixels and units around t (a Gaussian of the deviation `width` frames)
/// and m0 that of the whole track, the logarithm of the size is m0 + d (1 - exp(-(d / 0.1)^2)), d = m(t) -
/// m0: that a person looks some percent smaller is more likely to be a bend than a step back. Frames that are
/// far from those around them weigh less (Huber). Empty where no sample says anything.
///
/// samples: ascending by frame.
std::vector<double> TrackSizes(const std::vector<SizeSample>& samples, double width);

}  // namespace links
