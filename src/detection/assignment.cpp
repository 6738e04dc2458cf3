#include "assignment.h"

#include <limits>

namespace links {
namespace {

/// rows <= columns. One row after the other joins the matching along its shortest augmenting path, with
/// potentials that keep the reduced costs at 0 or above. Index 0 stands for none.
std::vector<int> AssignRows(const std::vector<double>& costs, int rows, int columns) {
  std::vector<double> row_potential(rows + 1, 0), column_potential(columns + 1, 0);
  std::vector<int> row_of(columns + 1, 0), before(columns + 1, 0);
  for (int row = 1; row <= rows; ++row) {
    std::vector<double> least(columns + 1, std::numeric_limits<double>::infinity());
    std::vector<bool> done(columns + 1, false);
    row_of[0] = row;
    int column = 0;
    while (row_of[column] != 0) {
      done[column] = true;
      const int from = row_of[column];
      double step = std::numeric_limits<double>::infinity();
      int next = 0;
      for (int j = 1; j <= columns; ++j) {
        if (done[j]) continue;
        const double reduced =
            costs[(from - 1) * columns + j - 1] - row_potential[from] - column_potential[j];
        if (reduced < least[j]) {
          least[j] = reduced;
          before[j] = column;
        }
        if (least[j] < step) {
          step = least[j];
          next = j;
        }
      }
      for (int j = 0; j <= columns; ++j) {
        if (done[j]) {
          row_potential[row_of[j]] += step;
          column_potential[j] -= step;
        } else {
          least[j] -= step;
        }
      }
      column = next;
    }
    for (; column != 0; column = before[column]) row_of[column] = row_of[before[column]];
  }
  std::vector<int> column_of(rows, -1);
  for (int j = 1; j <= columns; ++j) {
    if (row_of[j] != 0) column_of[row_of[j] - 1] = j - 1;
  }
  return column_of;
}

}  // namespace

std::vector<int> Assign(const std::vector<double>& costs, int rows, int columns) {
  if (rows == 0 || columns == 0) return std::vector<int>(rows, -1);
  if (rows <= columns) return AssignRows(costs, rows, columns);
  std::vector<double> turned(costs.size());
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) turned[j * rows + i] = costs[i * columns + j];
  }
  const std::vector<int> row_of = AssignRows(turned, columns, rows);
  std::vector<int> column_of(rows, -1);
  for (int j = 0; j < columns; ++j) column_of[row_of[j]] = j;
  return column_of;
}

}  // namespace links
