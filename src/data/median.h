#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace links {

/// The upper median; `values` is not empty.
inline double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace links
