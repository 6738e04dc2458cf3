#include "links/motion/track_scale.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <numbers>

#include "links/core/random.h"

namespace links {
namespace {

/// A track whose logarithmic size is course(frame), with a pose's noise of 5 % that lasts.
std::vector<SizeSample> Track(int frames, const std::function<double(double)>& course, double noise = .05) {
  Random random(4);
  std::vector<SizeSample> samples;
  double off = 0;
  for (int frame = 0; frame < frames; ++frame) {
    off = .9 * off + noise * std::sqrt(1 - .81) * random.Normal(0, 1);
    samples.push_back({frame, 100 * 16 * std::exp(course(frame) + off), 16});
  }
  return samples;
}

TEST(TrackSizes, WhoStaysPutHasOneSize) {
  const std::vector<double> sizes = TrackSizes(Track(600, [](double) { return 0; }), 15);
  double squares = 0;
  for (const double size : sizes) {
    EXPECT_NEAR(size, 100, 5);
    squares += std::pow(std::log(size / 100), 2);
  }
  EXPECT_LT(std::sqrt(squares / 600), .015);  // of a noise of .05
}

TEST(TrackSizes, ConstantSamplesGiveAConstantToTheBit) {
  std::vector<SizeSample> samples;
  for (int frame = 0; frame < 100; ++frame) samples.push_back({frame + frame / 7, 811.3, 9.7});
  const std::vector<double> sizes = TrackSizes(samples, 15);
  for (const double size : sizes) EXPECT_EQ(size, sizes[0]);
  EXPECT_NEAR(sizes[0], 811.3 / 9.7, 1e-9);
}

TEST(TrackSizes, ABendIsNoStepBack) {
  const auto bend = [](double frame) { return frame > 270 && frame < 330 ? std::log(.93) : 0; };
  const std::vector<double> sizes = TrackSizes(Track(600, bend, 0), 15);
  for (const double size : sizes) EXPECT_NEAR(size / sizes[0], 1, .035);
  EXPECT_NEAR(sizes[100] / sizes[0], 1, 1e-3);
}

TEST(TrackSizes, FollowsWhoWalksToTheCamera) {
  const auto walk = [](double frame) { return std::log(8 / (8 - .04 * std::min(frame, 125.))); };  // 8 to 3 m
  const std::vector<double> sizes = TrackSizes(Track(300, walk), 15);
  double squares = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    squares += std::pow(std::log(sizes[i] / 100) - walk(static_cast<double>(i)), 2);
    if (i > 0) {
      EXPECT_LT(std::abs(std::log(sizes[i] / sizes[i - 1])), .03);
    }
  }
  EXPECT_LT(std::sqrt(squares / 300), .06);
}

TEST(TrackSizes, OutliersAndFramesThatSayNothingDoNotCount) {
  std::vector<SizeSample> samples = Track(
      200, [](double) { return 0; }, 0);
  for (size_t i = 50; i < 200; i += 20) samples[i].pixels *= 5;
  for (size_t i = 55; i < 200; i += 20) samples[i].pixels = samples[i].units = 0;
  for (const double size : TrackSizes(samples, 15)) EXPECT_NEAR(size, 100, 4);
  EXPECT_TRUE(TrackSizes({{0, 0, 0}, {1, 0, 0}}, 15).empty());
  EXPECT_TRUE(TrackSizes({}, 15).empty());
}

}  // namespace
}  // namespace links
