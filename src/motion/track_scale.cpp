#include "links/motion/track_scale.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>

namespace links {
namespace {

constexpr double kBend = .1;     // of the logarithm: how far a body's pose alone makes it look smaller
constexpr double kOutlier = .2;  // of the logarithm: from here on a frame of all its bones weighs less
constexpr double kReach = 3;     // deviations that a Gaussian reaches
constexpr int kRounds = 3;

struct Sums {
  double pixels = 0, units = 0;
  void Add(const SizeSample& sample, double weight) {
    pixels += weight * sample.pixels;
    units += weight * sample.units;
  }
  bool known() const { return pixels > 0 && units > 0; }
  double Log() const { return std::log(pixels / units); }
};

std::vector<double> Around(const std::vector<SizeSample>& samples, const std::vector<double>& weights,
                           double width, double elsewhere) {
  std::vector<double> gaussian;  // by the distance in frames
  for (int64_t frames = 0; static_cast<double>(frames) <= kReach * width; ++frames)
    gaussian.push_back(std::exp(-std::pow(static_cast<double>(frames) / width, 2) / 2));
  const auto reach = static_cast<int64_t>(gaussian.size());
  std::vector<double> logs;
  size_t begin = 0;
  for (const SizeSample& at : samples) {
    Sums sums;
    while (at.frame - samples[begin].frame >= reach) ++begin;
    for (size_t i = begin; i < samples.size() && samples[i].frame - at.frame < reach; ++i)
      sums.Add(samples[i], weights[i] * gaussian[std::abs(samples[i].frame - at.frame)]);
    logs.push_back(sums.known() ? sums.Log() : elsewhere);
  }
  return logs;
}

}  // namespace

std::vector<double> TrackSizes(const std::vector<SizeSample>& samples, double width) {
  std::vector<double> weights(samples.size(), 1);
  double most_units = 0;
  for (const SizeSample& sample : samples) most_units = std::max(most_units, sample.units);
  std::vector<double> logs;
  double whole = 0;
  for (int round = 0; round < kRounds; ++round) {
    Sums sums;
    for (size_t i = 0; i < samples.size(); ++i) sums.Add(samples[i], weights[i]);
    if (!sums.known()) return {};
    whole = sums.Log();
    logs = Around(samples, weights, width, whole);
    for (size_t i = 0; i < samples.size(); ++i) {
      const SizeSample& sample = samples[i];
      if (!(sample.units > 0)) continue;
      // A few bones vary more than all of them.
      const double bound = kOutlier * std::sqrt(most_units / sample.units);
      const double off =
          sample.pixels > 0 ? std::abs(std::log(sample.pixels / sample.units) - logs[i]) : 10 * bound;
      weights[i] = off > bound ? bound / off : 1;
    }
  }
  std::vector<double> sizes;
  for (const double log : logs) {
    const double away = log - whole;
    sizes.push_back(std::exp(whole + away * -std::expm1(-away * away / (kBend * kBend))));
  }
  return sizes;
}

}  // namespace links
