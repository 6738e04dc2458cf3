#pragma once

#include <functional>
#include <string>
#include <vector>

#include "links/report/paper_table.h"

namespace links {

/// A table as text: what the writers for people have in common.
struct TableGrid {
  struct Row {
    std::string section;             ///< set in the first row of a section
    std::vector<std::string> cells;  ///< as many as titles
  };
  std::vector<std::string> titles;  ///< one line or two
  size_t left = 0;                  ///< columns of words, to be set to the left
  std::vector<Row> rows;
};

/// How a format writes words and figures. A figure has the parts "33.8", "0.4" or "", and the marks.
struct GridStyle {
  std::function<std::string(const std::string&)> words;
  std::function<std::string(const std::string& mean, const std::string& deviation, const TableCell&)> figure;
  std::string absent;
};

/// Columns of words that no row uses are left out.
TableGrid MakeGrid(const PaperTable& table, const GridStyle& style);

}  // namespace links
