#include "links/core/text_table.h"
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

std::string TableText(const PaperTable& table) {
  const TableGrid grid = MakeGrid(table, {Plain, Figure, "-"});
  TextTable text(grid.titles, grid.left);
  bool first = true;
  for (const TableGrid::Row& row : grid.rows) {
    if (!row.section.empty()) text.AddLine((first ? "[" : "\n[") + row.section + "]");
    text.AddRow(row.cells);
    first = false;
  }
  std::string notes;
  for (const std::string& note : table.notes) notes += note + '\n';
  const std::string rule = text.Rule();
  return table.title + '\n' + rule + text.Titles() + rule + text.Rows() + rule + notes;
}

}  // namespace

std::string TablesText(const std::vector<PaperTable>& tables) {
  std::string text;
  for (const PaperTable& table : tables) text += (text.empty() ? "" : "\n") + TableText(table);
  return text;
}

}  // namespace links
