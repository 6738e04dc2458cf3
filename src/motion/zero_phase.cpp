#include "links/motion/zero_phase.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace links {
namespace {

constexpr std::array<double, 3> kAverage = {.25, .5, .25}, kBend = {.25, -.5, .25};

/// A symmetric matrix of five diagonals, factored as L D L^T in place: row i has the diagonal and the two
/// entries right of it.
class Pentadiagonal {
 public:
  explicit Pentadiagonal(size_t size) : rows_(size + 2, {0, 0, 0}), size_(size) {}

  /// Adds weight * v v^T, v at entries i .. i + 2.
  void Add(size_t i, double weight, const std::array<double, 3>& v) {
    for (size_t a = 0; a < 3; ++a) {
      for (size_t b = a; b < 3; ++b) rows_[i + a][b - a] += weight * v[a] * v[b];
    }
  }

  void Factor() {
    for (size_t i = 0; i < size_; ++i) {
      auto& [diagonal, one, two] = rows_[i];
      const double l1 = one / diagonal, l2 = two / diagonal;
      rows_[i + 1][0] -= l1 * one;
      rows_[i + 1][1] -= l1 * two;
      rows_[i + 2][0] -= l2 * two;
      one = l1;
      two = l2;
    }
  }

  /// x such that the matrix times x is b, in place of b.
  void Solve(std::vector<double>& b) const {
    b.resize(size_ + 2);
    for (size_t i = 0; i < size_; ++i) {
      b[i + 1] -= rows_[i][1] * b[i];
      b[i + 2] -= rows_[i][2] * b[i];
    }
    b[size_] = b[size_ + 1] = 0;
    for (size_t i = size_; i-- > 0;) {
      b[i] = b[i] / rows_[i][0] - rows_[i][1] * b[i + 1] - rows_[i][2] * b[i + 2];
    }
    b.resize(size_);
  }

 private:
  std::vector<std::array<double, 3>> rows_;
  size_t size_;
};

}  // namespace

std::vector<std::vector<double>> SmoothZeroPhase(const std::vector<std::vector<double>>& values,
                                                 const std::vector<double>& weights, double cutoff) {
  const size_t samples = weights.size();
  if (std::count_if(weights.begin(), weights.end(), [](double w) { return w > 0; }) < 2) return values;
  // s reaches one sample beyond the signal on either side.
  Pentadiagonal matrix(samples + 2);
  const double tangent = std::tan(std::numbers::pi * cutoff);
  const double stiffness = 1 / (tangent * tangent * tangent * tangent);
  for (size_t i = 0; i < samples; ++i) {
    matrix.Add(i, weights[i], kAverage);
    matrix.Add(i, stiffness, kBend);
  }
  matrix.Factor();
  const size_t first = static_cast<size_t>(
      std::find_if(weights.begin(), weights.end(), [](double w) { return w > 0; }) - weights.begin());
  std::vector<std::vector<double>> smooth;
  for (const std::vector<double>& signal : values) {
    std::vector<double> s(samples + 2, 0);
    for (size_t i = 0; i < samples; ++i) {
      if (!(weights[i] > 0)) continue;
      for (size_t k = 0; k < 3; ++k) s[i + k] += weights[i] * kAverage[k] * (signal[i] - signal[first]);
    }
    matrix.Solve(s);
    std::vector<double>& result = smooth.emplace_back(samples);
    for (size_t i = 0; i < samples; ++i) {
      result[i] = signal[first];
      for (size_t k = 0; k < 3; ++k) result[i] += kAverage[k] * s[i + k];
    }
  }
  return smooth;
}

std::vector<double> SmoothZeroPhase(const std::vector<double>& values, const std::vector<double>& weights,
                                    double cutoff) {
  return SmoothZeroPhase(std::vector<std::vector<double>>{values}, weights, cutoff)[0];
}

}  // namespace links
