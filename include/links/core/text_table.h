#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace links {

/// Lines up text in columns, the first ones to the left and the others to the right. A title is one or two
/// lines, split by '\n' and set at the bottom.
class TextTable {
 public:
  /// What stands around the cells of a line, and the fewest characters of a column.
  struct Frame {
    std::string_view before, between = "  ", after;
    size_t narrowest = 0;
  };

  /// left: how many columns are set to the left.
  explicit TextTable(const std::vector<std::string>& titles, size_t left, const Frame& frame);
  explicit TextTable(const std::vector<std::string>& titles, size_t left = 1)
      : TextTable(titles, left, Frame()) {}

  /// `cells` has one entry a title.
  void AddRow(std::vector<std::string> cells);
  /// A line between the rows that is not lined up.
  void AddLine(const std::string& line);
  /// Widens the columns for cells that are printed by Line only.
  void Reserve(const std::vector<std::string>& cells);

  /// Titles, a rule and the rows, each line ended by '\n'.
  std::string Text() const { return Titles() + Rule() + Rows(); }
  std::string Titles() const;  ///< two lines when a title has two
  std::string Rule() const;
  std::string Rows() const;
  /// The cells as a line of the table.
  std::string Line(const std::vector<std::string>& cells) const;
  const std::vector<size_t>& widths() const { return widths_; }

 private:
  struct Row {
    std::vector<std::string> cells;
    std::string line;  // where there are no cells
  };

  size_t left_;
  Frame frame_;
  std::vector<std::string> upper_, lower_;  // the titles' lines
  bool two_lines_ = false;
  std::vector<Row> rows_;
  std::vector<size_t> widths_;
};

/// A number with so many decimals, for a cell.
std::string Fixed(double value, int decimals);

}  // namespace links
