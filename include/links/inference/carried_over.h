#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace links {

/// A positive value of a track that follows its estimates without a jump: the first one is taken, after that
/// it changes by kMostChange a frame at most.
class CarriedOver {
 public:
  static constexpr double kMostChange = .02;

  bool begun() const { return value_ > 0; }

  /// Moves towards `goal`, above 0. frame: not less than before.
  double Follow(double goal, int64_t frame) {
    if (begun()) {
      const double most = std::log1p(kMostChange) * static_cast<double>(frame - frame_);
      value_ *= std::exp(std::clamp(std::log(goal / value_), -most, most));
    } else {
      value_ = goal;
    }
    frame_ = frame;
    return value_;
  }

 private:
  double value_ = 0;
  int64_t frame_ = 0;
};

}  // namespace links
