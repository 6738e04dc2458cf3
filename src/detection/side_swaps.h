#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "links/detection/detection.h"

namespace links {

/// Finds arms or legs whose left and right the detector has exchanged against the frames before of the same
/// track, and puts them back. A detector that stays with it for kGiveIn frames is believed.
class SideSwaps {
 public:
  static constexpr int kGiveIn = 15;

  /// Changes the person where need be. frame: not below that of the call before.
  void Fix(DetectedPerson& person, int64_t frame);

  /// People changed so far.
  int64_t fixed() const { return fixed_; }

 private:
  struct Track {
    Joints2d joints;
    double size_px = 0;
    int64_t frame = 0;
    std::array<int, 2> in_a_row{};  // arms, legs
  };

  std::map<std::string, Track> tracks_;
  int64_t frame_ = 0, fixed_ = 0;
};

}  // namespace links
