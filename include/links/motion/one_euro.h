#pragma once

#include <cmath>
#include <numbers>

namespace links {

/// The One-Euro filter (Casiez, Roussel, Vogel, CHI 2012): a first-order low-pass whose cutoff rises with the
/// speed, for what must be answered at once. A constant stays the same to the bit.
class OneEuro {
 public:
  /// The value at a time `seconds` after the last one. cutoff: Hz at rest; rise: Hz more for each unit of
  /// value a second.
  double Next(double value, double seconds, double cutoff, double rise) {
    if (!begun_) {
      begun_ = true;
      return value_ = value;
    }
    speed_ += Share(kSpeedCutoff, seconds) * ((value - value_) / seconds - speed_);
    value_ += Share(cutoff + rise * std::abs(speed_), seconds) * (value - value_);
    return value_;
  }

 private:
  static constexpr double kSpeedCutoff = 1;  // Hz, the paper's

  /// Of a first-order low-pass: how much of the new value enters.
  static double Share(double cutoff, double seconds) {
    const double turn = 2 * std::numbers::pi * cutoff * seconds;
    return turn / (turn + 1);
  }

  double value_ = 0, speed_ = 0;
  bool begun_ = false;
};

}  // namespace links
