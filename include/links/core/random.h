#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>

namespace links {

/// Seeded numbers that are the same with every standard library (the std:: distributions are not).
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  /// Uniform in [low, high).
  double Uniform(double low, double high) {
    return low + (high - low) * static_cast<double>(engine_() >> 11) * 0x1.0p-53;
  }
  /// Normal with the mean and standard deviation given (Box and Muller 1958).
  double Normal(double mean, double deviation) {
    const double radius = std::sqrt(-2 * std::log(1 - Uniform(0, 1)));
    return mean + deviation * radius * std::cos(2 * std::numbers::pi * Uniform(0, 1));
  }
  /// Uniform in 0 .. count-1.
  int Index(int count) { return static_cast<int>(Uniform(0, count)); }
  bool Chance(double probability) { return Uniform(0, 1) < probability; }

 private:
  std::mt19937_64 engine_;  // its sequence is fixed by the standard
};

}  // namespace links
