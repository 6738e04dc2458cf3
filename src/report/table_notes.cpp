#include "table_notes.h"

#include <algorithm>
#include <utility>

#include "links/core/error.h"
#include "links/core/text.h"
#include "links/metrics/protocol.h"
#include "names.h"

namespace links {
namespace {

void AddOnce(std::vector<std::string>& texts, const std::string& text) {
  if (std::ranges::find(texts, text) == texts.end()) texts.push_back(text);
}

// "table 1, Hardy & Kim: LInKs, ...", a sentence a source.
void AddSources(PaperTable& table) {
  std::vector<std::pair<std::string, std::vector<std::string>>> sources;
  for (const TableRow& row : table.rows) {
    if (!row.published) continue;
    auto source = std::ranges::find(sources, row.source, [](const auto& s) { return s.first; });
    if (source == sources.end()) source = sources.insert(sources.end(), {row.source, {}});
    AddOnce(source->second, row.method);
  }
  for (const auto& [source, methods] : sources) {
    table.notes.push_back("Published, " + source + ": " + Join(methods, "; ") + ".");
  }
}

std::string AboutOurs(const RunGroup& group) {
  std::vector<std::string> seeds, normalisations;
  for (int64_t seed : group.Seeds()) seeds.push_back(std::to_string(seed));
  int64_t rejected = 0;
  for (const EvaluationFile& file : group.evaluations) {
    if (const std::string text = file.Setting("normalisation"); !text.empty()) AddOnce(normalisations, text);
    for (const auto& [key, metrics] : file.results) rejected = std::max(rejected, metrics.rejected);
  }
  std::string text = Concat("Ours, '", group.Name(), "': ", Protocol::Title(group.first().protocol),
                            " (protocol ", group.first().protocol, "), ", group.first().poses, " poses");
  if (!seeds.empty()) text += Concat(seeds.size() == 1 ? ", seed " : ", seeds ", Join(seeds, ", "));
  for (const std::string& normalisation : normalisations) text += "; 2D normalisation: " + normalisation;
  if (rejected > 0) text += Concat("; up to ", rejected, " degenerate poses left out of a figure");
  return text + ".";
}

}  // namespace

void AddNotes(PaperTable& table, const std::vector<const RunGroup*>& ours) {
  const auto any_cell = [&](const auto& holds) {
    return std::ranges::any_of(table.rows,
                               [&](const TableRow& row) { return std::ranges::any_of(row.cells, holds); });
  };
  std::vector<std::string> notes = {
      table.number == 2 ? "Errors in mm, PCK (nearer than 150 mm) and AUC in percent, means over poses; N-: "
                          "norm scale, all 17 joints; "
                          "official 14: unscaled, the data set's 14 joints, AUC over 31 thresholds."
                        : "Errors in mm, means over poses."};
  if (any_cell([](const TableCell& cell) { return !IsAbsent(cell.value.deviation); })) {
    notes.emplace_back("± is the standard deviation over the seeds (n − 1).");
  }
  notes.push_back(Concat("Marked: the best of a column among the unsupervised rows of one data set",
                         table.number == 3 ? " and scenario" : "",
                         ", compared as printed; other rows are there to be compared with."));
  if (any_cell([](const TableCell& cell) { return !cell.variant_known && !IsAbsent(cell.value.mean); })) {
    notes.emplace_back(
        "†: the source does not tell the variant; the figure stands in the column of the paper's own.");
  }
  table.notes.insert(table.notes.begin(), notes.begin(), notes.end());
  AddSources(table);
  for (const RunGroup* group : ours) table.notes.push_back(AboutOurs(*group));
}

}  // namespace links
