#include <algorithm>

#include "links/core/text.h"
#include "links/report/table_writer.h"
#include "table_grid.h"

namespace links {
namespace {

std::string Plain(const std::string& text) {
  return text;
}

std::string Figure(const std::string& mean, const std::string& deviation, const TableCell& cell) {
  return mean + (deviation.empty() ? "" : " ± " + deviation) + (cell.variant_known ? "" : "†") +
         (cell.best ? "*" : " ");
}

// The two lines of a title; one line goes to the bottom.
std::pair<std::string, std::string> Split(const std::string& title) {
  const size_t split = title.find('\n');
  if (split == std::string::npos) return {"", title};
  return {title.substr(0, split), title.substr(split + 1)};
}

std::string Line(const TableGrid& grid, const std::vector<std::string>& cells,
                 const std::vector<size_t>& widths) {
  std::string line;
  for (size_t c = 0; c < widths.size(); ++c) {
    line += c == 0 ? "" : "  ";
    line += c < grid.left ? PadRight(cells[c], widths[c]) : PadLeft(cells[c], widths[c]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::string TableText(const PaperTable& table) {
  const TableGrid grid = MakeGrid(table, {Plain, Figure, "-"});
  std::vector<std::string> upper, lower;
  std::vector<size_t> widths;
  size_t total = 0;
  for (size_t c = 0; c < grid.titles.size(); ++c) {
    const auto [first, second] = Split(grid.titles[c]);
    upper.push_back(first);
    lower.push_back(second);
    size_t width = std::max(TextWidth(first), TextWidth(second));
    for (const TableGrid::Row& row : grid.rows) width = std::max(width, TextWidth(row.cells[c]));
    widths.push_back(width);
    total += width + (c == 0 ? 0 : 2);
  }
  const std::string rule = std::string(total, '-') + '\n';
  std::string text = table.title + '\n' + rule + Line(grid, upper, widths) + Line(grid, lower, widths) + rule;
  bool first = true;
  for (const TableGrid::Row& row : grid.rows) {
    if (!row.section.empty()) text += (first ? "[" : "\n[") + row.section + "]\n";
    text += Line(grid, row.cells, widths);
    first = false;
  }
  text += rule;
  for (const std::string& note : table.notes) text += note + '\n';
  return text;
}

}  // namespace

std::string TablesText(const std::vector<PaperTable>& tables) {
  std::string text;
  for (const PaperTable& table : tables) text += (text.empty() ? "" : "\n") + TableText(table);
  return text;
}

}  // namespace links
