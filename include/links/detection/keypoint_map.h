#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "links/skeleton/skeleton.h"

namespace links {

/// The keypoints of one person as a detector gives them.
struct Keypoints {
  std::vector<double> px;          ///< (K, 2) pixels, x right, y down; NaN = missing
  std::vector<double> confidence;  ///< (K) as written by the detector; NaN = missing

  int size() const { return static_cast<int>(confidence.size()); }
};

/// The 17 joints of one person in 2D.
struct Joints2d {
  std::array<float, kJoints * 2> px{};      ///< (17, 2) pixels, x right, y down; 0 where not seen
  std::array<float, kJoints> confidence{};  ///< 0 where not seen
  std::array<bool, kJoints> seen{};
};

/// How the keypoints of a detector become the 17 joints: every joint is a linear combination of keypoints.
struct KeypointMap {
  struct Term {
    int keypoint;
    double x_weight, y_weight;
  };

  std::string_view name;
  std::vector<int> counts;  ///< how many keypoints a person may have; those beyond the map's are ignored
  std::array<std::vector<Term>, kJoints> joints;
};

/// coco17-simple, coco17-adjusted, halpe26, body25, openpose18, h36m17 (docs/lift.md has their tables).
const std::vector<KeypointMap>& KeypointMaps();

/// The map of that name; throws UsageError listing the names.
const KeypointMap& FindKeypointMap(const std::string& name);

/// The map taken for that many keypoints when none is named; throws Error listing the counts. `where` begins
/// the message.
const KeypointMap& DefaultKeypointMap(int keypoints, const std::string& where);

/// A keypoint is missing when a number of it is NaN, when it lies at (0, 0), or when its confidence is not
/// above 0 or is below `min_confidence`. A joint is seen when every keypoint it is made of is there; its
/// confidence is the least of theirs. The map must take that many keypoints.
Joints2d MapKeypoints(const KeypointMap& map, const Keypoints& keypoints, double min_confidence);

}  // namespace links
