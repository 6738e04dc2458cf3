#include <map>

#include "links/core/text.h"
#include "links/report/table_writer.h"
#include "table_grid.h"

namespace links {
namespace {

std::string Escaped(const std::string& text) {
  static const std::map<char, std::string> special = {
      {'\\', "\\textbackslash{}"},
      {'~', "\\textasciitilde{}"},
      {'^', "\\textasciicircum{}"},
      {'<', "\\textless{}"},
      {'>', "\\textgreater{}"},
      {'|', "\\textbar{}"},
      {'&', "\\&"},
      {'%', "\\%"},
      {'$', "\\$"},
      {'#', "\\#"},
      {'_', "\\_"},
      {'{', "\\{"},
      {'}', "\\}"},
      {'[', "{[}"},
      {'*', "{*}"}};  // after \\ the last two would be taken for its arguments
  static const std::map<std::string, std::string> symbols = {
      {"±", "$\\pm$"}, {"−", "$-$"}, {"†", "$^\\dagger$"}, {"–", "--"}};
  std::string escaped;
  for (size_t i = 0; i < text.size();) {
    size_t length = 1;
    while (i + length < text.size() && (static_cast<unsigned char>(text[i + length]) & 0xC0) == 0x80)
      ++length;
    const std::string character = text.substr(i, length);
    const auto ascii = special.find(text[i]);
    const auto symbol = symbols.find(character);
    escaped += ascii != special.end() ? ascii->second : symbol != symbols.end() ? symbol->second : character;
    i += length;
  }
  return escaped;
}

// A title of two lines is stacked; everything else has one.
std::string Words(const std::string& text) {
  const size_t split = text.find('\n');
  if (split == std::string::npos) return Escaped(text);
  return "\\shortstack[r]{" + Escaped(text.substr(0, split)) + " \\\\ " + Escaped(text.substr(split + 1)) +
         "}";
}

std::string Figure(const std::string& mean, const std::string& deviation, const TableCell& cell) {
  const std::string text = mean + (deviation.empty() ? "" : " $\\pm$ " + deviation);
  return (cell.best ? "\\textbf{" + text + "}" : text) + (cell.variant_known ? "" : "$^\\dagger$");
}

std::string Line(const std::vector<std::string>& cells) {
  return Join(cells, " & ") + " \\\\\n";
}

std::string TableTex(const PaperTable& table) {
  const TableGrid grid = MakeGrid(table, {Words, Figure, "--"});
  const size_t columns = grid.titles.size();
  const std::string all = "\\multicolumn{" + std::to_string(columns) + "}";
  std::string tex = "% " + table.title + "; needs \\usepackage{booktabs}\n\\begin{tabular}{" +
                    std::string(grid.left, 'l') + std::string(columns - grid.left, 'r') + "}\n\\toprule\n" +
                    Line(grid.titles);
  for (const TableGrid::Row& row : grid.rows) {
    if (!row.section.empty()) tex += "\\midrule\n" + all + "{l}{\\emph{" + row.section + "}} \\\\\n";
    tex += Line(row.cells);
  }
  tex += "\\bottomrule\n";
  for (const std::string& note : table.notes) {
    tex += all + "{p{0.95\\linewidth}}{\\footnotesize " + Escaped(note) + "} \\\\\n";
  }
  return tex + "\\end{tabular}\n";
}

}  // namespace

std::string TablesTex(const std::vector<PaperTable>& tables) {
  std::string tex;
  for (const PaperTable& table : tables) tex += (tex.empty() ? "" : "\n") + TableTex(table);
  return tex;
}

}  // namespace links
