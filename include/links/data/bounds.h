#pragma once

#include <cmath>

namespace links {

// What every reader of numbers from outside takes. More than these is a damaged file or another unit, and
// would make an error or a loss that looks like a result.
inline constexpr double kMostPixels = 1e6;       ///< a hundred times the widest image
inline constexpr double kMostMillimetres = 1e7;  ///< 10 km from the camera
inline constexpr double kMostConfidence = 1e6;   ///< detectors' scores are no probabilities, some are sums

/// Whether a number is finite and at most so large either way.
inline bool Within(double number, double most) {
  return std::abs(number) <= most;
}

}  // namespace links
