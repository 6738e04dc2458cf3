#pragma once

#include <limits>
#include <vector>

#include "links/data/pose_file.h"
#include "links/skeleton/skeleton.h"

namespace links::test {

inline const std::vector<int> kLegJoints = {1, 2, 3, 4, 5, 6};
inline const std::vector<int> kTorsoJoints = {7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

/// The joints of a pose were not seen.
inline void HideJoints(PoseData& poses, int64_t row, const std::vector<int>& joints) {
  for (const int joint : joints)
    for (int k = 0; k < 2; ++k)
      poses.keypoints_2d[static_cast<size_t>((row * kJoints + joint) * 2 + k)] =
          std::numeric_limits<float>::quiet_NaN();
}

}  // namespace links::test
