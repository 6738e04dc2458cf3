#pragma once

#include <vector>

#include "links/detection/keypoint_map.h"

namespace links {

/// How well people's keypoints look like a body if they are those of a map.
struct BodyFit {
  int people = 0;      ///< that showed enough to be judged
  double upright = 0;  ///< share of them with the head above the hips above the ankles, as far as seen
  double misfit =
      0;  ///< how much bones are too long for the rest, and left and right disagree; 0 = as a body
};

/// No more than this where the keypoints are those of the map.
inline constexpr double kPlausibleMisfit = 0.35;

BodyFit FitBody(const KeypointMap& map, const std::vector<const Keypoints*>& people);

inline bool IsPlausible(const BodyFit& fit) {
  return fit.people == 0 || (fit.upright >= .5 && fit.misfit <= kPlausibleMisfit);
}

}  // namespace links
