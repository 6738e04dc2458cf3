#include <algorithm>

#include "links/core/text.h"
#include "links/report/table_writer.h"
#include "table_grid.h"

namespace links {
namespace {

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (char c : text) {
    if (std::string("\\`*_[]<>|~#&$").find(c) != std::string::npos) escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

std::string Figure(const std::string& mean, const std::string& deviation, const TableCell& cell) {
  const std::string text = mean + (deviation.empty() ? "" : " ± " + deviation);
  return (cell.best ? "**" + text + "**" : text) + (cell.variant_known ? "" : "†");
}

std::string Line(const TableGrid& grid, const std::vector<std::string>& cells,
                 const std::vector<size_t>& widths) {
  std::string line = "|";
  for (size_t c = 0; c < widths.size(); ++c) {
    line += ' ' + (c < grid.left ? PadRight(cells[c], widths[c]) : PadLeft(cells[c], widths[c])) + " |";
  }
  return line + '\n';
}

std::string TableMarkdown(const PaperTable& table) {
  const TableGrid grid = MakeGrid(table, {Escaped, Figure, "–"});
  std::vector<std::vector<std::string>> lines;
  for (const TableGrid::Row& row : grid.rows) {
    if (!row.section.empty()) {
      lines.emplace_back(grid.titles.size());
      lines.back()[0] = "_" + row.section + "_";
    }
    lines.push_back(row.cells);
  }
  std::vector<size_t> widths;
  std::vector<std::string> rules;
  for (size_t c = 0; c < grid.titles.size(); ++c) {
    size_t width = std::max<size_t>(3, TextWidth(grid.titles[c]));
    for (const auto& cells : lines) width = std::max(width, TextWidth(cells[c]));
    widths.push_back(width);
    rules.push_back(c < grid.left ? std::string(width, '-') : std::string(width - 1, '-') + ':');
  }
  std::string text =
      "### " + Escaped(table.title) + "\n\n" + Line(grid, grid.titles, widths) + Line(grid, rules, widths);
  for (const auto& cells : lines) text += Line(grid, cells, widths);
  text += '\n';
  for (const std::string& note : table.notes) text += "- " + Escaped(note) + '\n';
  return text;
}

}  // namespace

std::string TablesMarkdown(const std::vector<PaperTable>& tables) {
  std::string text;
  for (const PaperTable& table : tables) text += (text.empty() ? "" : "\n") + TableMarkdown(table);
  return text;
}

}  // namespace links
