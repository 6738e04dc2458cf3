#include "table_grid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace links {
namespace {

struct WordColumn {
  std::string title;
  std::function<std::string(const TableRow&)> text;
};

const std::array<WordColumn, 7>& WordColumns() {
  static const std::array<WordColumn, 7> columns = {{
      {"method", [](const TableRow& row) { return row.method; }},
      {"lifters", [](const TableRow& row) { return row.lifters; }},
      {"filler", [](const TableRow& row) { return row.filler; }},
      {"supervision", [](const TableRow& row) { return row.supervision; }},
      {"data set", [](const TableRow& row) { return row.data_set; }},
      {"poses", [](const TableRow& row) { return row.poses < 0 ? "" : std::to_string(row.poses); }},
      {"seeds",
       [](const TableRow& row) { return row.seeds.empty() ? "" : std::to_string(row.seeds.size()); }},
  }};
  return columns;
}

std::string OneDecimal(double value) {
  if (IsAbsent(value)) return "";
  char text[64];
  std::snprintf(text, sizeof(text), std::abs(value) < 1e7 ? "%.1f" : "%.3g", value);
  return text;
}

}  // namespace

TableGrid MakeGrid(const PaperTable& table, const GridStyle& style) {
  std::vector<const WordColumn*> words;
  for (const WordColumn& column : WordColumns()) {
    if (std::ranges::any_of(table.rows, [&](const TableRow& row) { return !column.text(row).empty(); })) {
      words.push_back(&column);
    }
  }
  TableGrid grid;
  grid.left = words.size();
  for (const WordColumn* column : words) grid.titles.push_back(style.words(column->title));
  for (const TableColumn& column : table.columns) grid.titles.push_back(style.words(column.title));
  std::string section;
  for (const TableRow& row : table.rows) {
    TableGrid::Row line;
    if (row.section != section) line.section = style.words(section = row.section);
    for (const WordColumn* column : words) {
      const std::string text = column->text(row);
      line.cells.push_back(text.empty() ? style.absent : style.words(text));
    }
    for (const TableCell& cell : row.cells) {
      line.cells.push_back(IsAbsent(cell.value.mean) ? style.absent
                                                     : style.figure(OneDecimal(cell.value.mean),
                                                                    OneDecimal(cell.value.deviation), cell));
    }
    grid.rows.push_back(std::move(line));
  }
  return grid;
}

}  // namespace links
