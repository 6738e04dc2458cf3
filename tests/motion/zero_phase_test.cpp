#include "links/motion/zero_phase.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "links/core/random.h"

namespace links {
namespace {

constexpr double kPi = std::numbers::pi;

/// y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2], from rest.
std::vector<double> Filter(const std::vector<double>& x, const std::array<double, 5>& c) {
  std::vector<double> y(x.size());
  const auto at = [](const std::vector<double>& v, size_t i, size_t back) {
    return i < back ? 0 : v[i - back];
  };
  for (size_t i = 0; i < x.size(); ++i) {
    y[i] = c[0] * x[i] + c[1] * at(x, i, 1) + c[2] * at(x, i, 2) - c[3] * at(y, i, 1) - c[4] * at(y, i, 2);
  }
  return y;
}

/// The textbook's 2nd-order Butterworth low-pass by the bilinear transform, forward and backward.
std::vector<double> ButterworthTwice(std::vector<double> x, double cutoff) {
  const double k = std::tan(kPi * cutoff), root = std::sqrt(2.);
  const double norm = 1 + root * k + k * k;
  const std::array<double, 5> c = {k * k / norm, 2 * k * k / norm, k * k / norm, 2 * (k * k - 1) / norm,
                                   (1 - root * k + k * k) / norm};
  for (int pass = 0; pass < 2; ++pass) {
    x = Filter(x, c);
    std::reverse(x.begin(), x.end());
  }
  return x;
}

std::vector<double> Noise(size_t count, uint64_t seed) {
  Random random(seed);
  std::vector<double> noise(count);
  for (double& x : noise) x = random.Normal(0, 1);
  return noise;
}

std::vector<double> Ones(size_t count) {
  return std::vector<double>(count, 1.);
}

TEST(ZeroPhase, IsTheButterworthForwardAndBackward) {
  for (const double cutoff : {.02, .1, .24, .4}) {
    const std::vector<double> x = Noise(2000, 1);
    const std::vector<double> expected = ButterworthTwice(x, cutoff);
    const std::vector<double> found = SmoothZeroPhase(x, Ones(2000), cutoff);
    for (size_t i = 500; i < 1500; ++i) EXPECT_NEAR(found[i], expected[i], 1e-9) << cutoff << " " << i;
  }
}

TEST(ZeroPhase, HalvesTheCutoffAndDelaysNothing) {
  const double cutoff = .1;
  std::vector<double> x(1000);
  for (size_t i = 0; i < x.size(); ++i) x[i] = std::sin(2 * kPi * cutoff * static_cast<double>(i) + .3);
  const std::vector<double> y = SmoothZeroPhase(x, Ones(1000), cutoff);
  for (size_t i = 200; i < 800; ++i) EXPECT_NEAR(y[i], x[i] / 2, 1e-6);
}

TEST(ZeroPhase, LeavesLinesAloneUpToTheirEnds) {
  std::vector<double> x(50), w(50);
  Random random(2);
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] = 700 - 3 * static_cast<double>(i);
    w[i] = random.Uniform(0, 1);
  }
  const std::vector<double> y = SmoothZeroPhase(x, w, .1);
  for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(y[i], x[i], 1e-7);
}

TEST(ZeroPhase, AConstantStaysTheSameToTheBit) {
  std::vector<double> w = Noise(77, 3);
  for (double& weight : w) weight *= weight;
  const std::vector<double> x(77, 812.3), y = SmoothZeroPhase(x, w, .05);
  for (const double value : y) EXPECT_EQ(value, 812.3);
}

TEST(ZeroPhase, BridgesWhatIsMissing) {
  std::vector<double> x(200), w = Ones(200);
  for (size_t i = 0; i < x.size(); ++i) x[i] = 100 * std::sin(2 * kPi * static_cast<double>(i) / 100);
  std::vector<double> gaps = x;
  for (size_t i = 90; i < 98; ++i) {
    w[i] = 0;
    gaps[i] = 1e6;
  }
  const std::vector<double> y = SmoothZeroPhase(gaps, w, .1);
  for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(y[i], x[i], 1) << i;
}

TEST(ZeroPhase, GoesByTheWeights) {
  std::vector<double> x(41, 0.), w = Ones(41);
  x[20] = 10;
  const double trusted = SmoothZeroPhase(x, w, .1)[20];
  w[20] = .1;
  const double doubted = SmoothZeroPhase(x, w, .1)[20];
  EXPECT_LT(doubted, .3 * trusted);
  EXPECT_GT(doubted, 0);
}

TEST(ZeroPhase, OneSampleSaysNothingOfMotion) {
  EXPECT_EQ(SmoothZeroPhase({1, 5, 2}, {0, 1, 0}, .1), (std::vector<double>{1, 5, 2}));
  const std::vector<double> two = SmoothZeroPhase({1, 99, 3}, {1, 0, 1}, .1);
  EXPECT_NEAR(two[1], 2, 1e-9);
}

}  // namespace
}  // namespace links
