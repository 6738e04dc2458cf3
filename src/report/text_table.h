#pragma once

#include <string>
#include <vector>

namespace links {

/// Lines up text columns two spaces apart, the first to the left and the others to the right. A title is one
/// or two lines, split by '\n' and set at the bottom.
class TextTable {
 public:
  explicit TextTable(const std::vector<std::string>& titles);

  /// `cells` has one entry a title.
  void AddRow(std::vector<std::string> cells);

  /// Titles, a rule and the rows, each line ended by '\n'.
  std::string Text() const;

 private:
  std::vector<std::vector<std::string>> titles_;  // two lines
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace links
