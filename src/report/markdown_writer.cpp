#include "links/core/text_table.h"
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

std::string TableMarkdown(const PaperTable& table) {
  const TableGrid grid = MakeGrid(table, {Escaped, Figure, "–"});
  TextTable text(grid.titles, grid.left, {"| ", " | ", " |", 3});
  for (const TableGrid::Row& row : grid.rows) {
    if (!row.section.empty()) {
      std::vector<std::string> section(grid.titles.size());
      section[0] = "_" + row.section + "_";
      text.AddRow(section);
    }
    text.AddRow(row.cells);
  }
  std::vector<std::string> rules;
  for (size_t c = 0; c < grid.titles.size(); ++c) {
    const size_t width = text.widths()[c];
    rules.push_back(c < grid.left ? std::string(width, '-') : std::string(width - 1, '-') + ':');
  }
  std::string notes;
  for (const std::string& note : table.notes) notes += "- " + Escaped(note) + '\n';
  return "### " + Escaped(table.title) + "\n\n" + text.Titles() + text.Line(rules) + text.Rows() + '\n' +
         notes;
}

}  // namespace

std::string TablesMarkdown(const std::vector<PaperTable>& tables) {
  std::string text;
  for (const PaperTable& table : tables) text += (text.empty() ? "" : "\n") + TableMarkdown(table);
  return text;
}

}  // namespace links
