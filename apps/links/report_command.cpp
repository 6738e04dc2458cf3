#include <iostream>
#include <memory>

#include "commands.h"
#include "links/core/atomic_file.h"
#include "links/core/log.h"
#include "links/core/text.h"
#include "links/report/table_writer.h"

namespace links {
namespace {

struct ReportArguments {
  std::vector<std::string> runs;
  int table = 0;
  std::string format = "text", output, composition;
};

std::string Written(const std::vector<PaperTable>& tables, const std::string& format) {
  if (format == "csv") return TablesCsv(tables);
  if (format == "md") return TablesMarkdown(tables);
  if (format == "tex") return TablesTex(tables);
  if (format == "json") return TablesJson(tables);
  return TablesText(tables);
}

void WriteReport(const ReportArguments& arguments) {
  std::vector<EvaluationFile> evaluations;
  for (const std::string& run : arguments.runs) evaluations.push_back(ReadEvaluation(run));
  const std::vector<RunGroup> groups = GroupRuns(std::move(evaluations));
  const std::vector<PublishedRow> published = ReadPublished(PublishedPath());
  std::vector<int> numbers = {arguments.table};
  if (arguments.table == 0) {
    numbers = ChooseTables(groups);
    std::string list;
    for (int number : numbers) list += (list.empty() ? "" : ", ") + std::to_string(number);
    LogInfo("no --table given; what the evaluations hold is for table " + list);
  }
  std::vector<PaperTable> tables;
  for (int number : numbers) {
    tables.push_back(MakePaperTable(number, groups, published, arguments.composition));
  }
  const std::string text = Written(tables, arguments.format);
  if (arguments.output.empty()) {
    std::cout << Printable(text);
  } else {
    WriteFileAtomically(arguments.output, text);
  }
}

}  // namespace

void AddReportCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "report",
      "The paper's tables with the published rows and yours. Runs that differ only in the seed are one row,\n"
      "mean ± standard deviation.");
  const auto arguments = std::make_shared<ReportArguments>();
  command
      ->add_option("runs", arguments->runs,
                   "Run directories that hold evaluation.json (of `links evaluate --output`), or such files")
      ->required();
  command
      ->add_option("--table", arguments->table,
                   "1 Human3.6M, 2 MPI-INF-3DHP, 3 occlusion, 4 lifters; without it what the runs hold")
      ->check(CLI::Range(1, 4));
  command->add_option("--format", arguments->format, "How it is written")
      ->check(CLI::IsMember({"text", "csv", "md", "tex", "json"}))
      ->capture_default_str();
  command->add_option("-o,--output", arguments->output, "Write to this file instead of stdout");
  command->add_option(
      "--composition", arguments->composition,
      "Only this composition of our lifters (legs_torso, left_core, right_core, mean, full, ...)");
  command->callback([arguments] { WriteReport(*arguments); });
}

}  // namespace links
