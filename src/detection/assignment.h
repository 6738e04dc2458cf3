#pragma once

#include <vector>

namespace links {

/// The assignment of rows to columns with the least sum of costs (the Hungarian method, O(n^3)): the column
/// of each row, -1 = none. costs: (rows, columns) row-major, finite. As many are assigned as the smaller side
/// has.
std::vector<int> Assign(const std::vector<double>& costs, int rows, int columns);

}  // namespace links
