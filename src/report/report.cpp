#include "links/report/report.h"

#include "links/core/error.h"
#include "links/core/log.h"
#include "links/core/text.h"
#include "links/report/published.h"
#include "links/report/table_writer.h"

namespace links {
namespace {

struct Format {
  const char* name;
  std::string (*write)(const std::vector<PaperTable>& tables);
};
constexpr Format kFormats[] = {{"text", TablesText},
                               {"csv", TablesCsv},
                               {"md", TablesMarkdown},
                               {"tex", TablesTex},
                               {"json", TablesJson}};

std::vector<RunGroup> ReadRuns(const std::vector<std::string>& runs) {
  std::vector<EvaluationFile> evaluations;
  for (const std::string& run : runs) evaluations.push_back(ReadEvaluation(run));
  return GroupRuns(std::move(evaluations));
}

}  // namespace

std::vector<PaperTable> MakeTables(const std::vector<std::string>& runs, int number,
                                   const std::string& composition) {
  const std::vector<RunGroup> groups = ReadRuns(runs);
  const std::vector<PublishedRow> published = ReadPublished(PublishedPath());
  std::vector<int> numbers = {number};
  if (number == 0) {
    numbers = ChooseTables(groups);
    std::vector<std::string> names;
    for (const int chosen : numbers) names.push_back(std::to_string(chosen));
    LogInfo("no --table given; what the evaluations hold is for table " + Join(names, ", "));
  }
  std::vector<PaperTable> tables;
  for (const int chosen : numbers) tables.push_back(MakePaperTable(chosen, groups, published, composition));
  return tables;
}

std::vector<PaperTable> MakeActionTables(const std::vector<std::string>& runs, const std::string& metric,
                                         const std::string& composition) {
  const std::vector<RunGroup> groups = ReadRuns(runs);
  std::vector<std::string> metrics = {metric};
  if (metric.empty()) metrics = {"pa_mpjpe_reflection", "n_mpjpe"};
  std::vector<PaperTable> tables;
  for (const std::string& one : metrics) tables.push_back(MakeActionTable(one, groups, composition));
  return tables;
}

std::vector<std::string> TableFormats() {
  std::vector<std::string> names;
  for (const Format& format : kFormats) names.emplace_back(format.name);
  return names;
}

std::string WriteTables(const std::vector<PaperTable>& tables, const std::string& format) {
  for (const Format& known : kFormats) {
    if (known.name == format) return known.write(tables);
  }
  throw UsageError("expected a format of tables (", Join(TableFormats(), ", "), "), found '", format, "'");
}

}  // namespace links
