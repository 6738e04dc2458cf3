#pragma once

namespace links {

/// c of the paper: the root's distance from the camera in the networks' units (docs/method.md sec. 1).
inline constexpr double kRootDepth = 10;

/// Pixels from the root as normalised units, for a body whose head top and root lie `head_root_px` apart in
/// the image. Length: a number or a tensor.
template <class Length>
Length ToUnits(const Length& px, double head_root_px) {
  return px / (kRootDepth * head_root_px);
}

/// The inverse of ToUnits.
template <class Length>
Length ToPixels(const Length& units, double head_root_px) {
  return units * (kRootDepth * head_root_px);
}

}  // namespace links
