#pragma once

#include <cstddef>
#include <deque>
#include <utility>

namespace links {

/// Sum of values over sum of weights, of the last kWindow entries.
class WindowMean {
 public:
  static constexpr size_t kWindow = 60;

  void Add(double value, double weight) {
    entries_.emplace_back(value, weight);
    if (entries_.size() > kWindow) entries_.pop_front();
  }

  /// Added up anew each time: nothing is left of an entry that went.
  double Weight() const { return Sums().second; }
  double Mean() const {
    const auto [value, weight] = Sums();
    return value / weight;
  }
  size_t size() const { return entries_.size(); }

 private:
  std::pair<double, double> Sums() const {
    std::pair<double, double> sums = {0, 0};
    for (const auto& [value, weight] : entries_) {
      sums.first += value;
      sums.second += weight;
    }
    return sums;
  }

  std::deque<std::pair<double, double>> entries_;
};

}  // namespace links
