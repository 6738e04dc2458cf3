#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "links/skeleton/skeleton.h"

namespace links {

/// The poses of one person, by frame.
struct LiftedTrack {
  std::string name;
  std::vector<int64_t> frames;                        ///< ascending
  std::vector<std::array<float, kJoints * 3>> poses;  ///< as Joints3, times `metres_per_unit` where known
  std::vector<std::array<bool, kJoints>> seen;        ///< which joints are no guess; may be empty
};

}  // namespace links
