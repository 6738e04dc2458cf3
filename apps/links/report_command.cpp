#include <iostream>
#include <memory>

#include "commands.h"
#include "links/core/atomic_file.h"
#include "links/core/log.h"
#include "links/core/text.h"
#include "links/report/table_writer.h"
#include "report_page.h"
#include "selection_options.h"

namespace links {
namespace {

struct ReportArguments {
  std::vector<std::string> runs;
  std::string table, format = "text", output, composition, metric;
  bool html = false;
  PageArguments page;
};

// The usual two of the paper, or the one that was asked for.
std::vector<std::string> ActionMetrics(const std::string& metric) {
  if (!metric.empty()) return {metric};
  return {"pa_mpjpe_reflection", "n_mpjpe"};
}

std::string Written(const std::vector<PaperTable>& tables, const std::string& format) {
  if (format == "csv") return TablesCsv(tables);
  if (format == "md") return TablesMarkdown(tables);
  if (format == "tex") return TablesTex(tables);
  if (format == "json") return TablesJson(tables);
  return TablesText(tables);
}

std::vector<PaperTable> MakeTables(const ReportArguments& arguments, const std::vector<RunGroup>& groups) {
  const std::vector<PublishedRow> published = ReadPublished(PublishedPath());
  std::vector<PaperTable> tables;
  if (arguments.table == "actions") {
    for (const std::string& metric : ActionMetrics(arguments.metric))
      tables.push_back(MakeActionTable(metric, groups, arguments.composition));
    return tables;
  }
  std::vector<int> numbers;
  if (!arguments.table.empty()) {
    numbers = {arguments.table[0] - '0'};
  } else {
    numbers = ChooseTables(groups);
    std::string list;
    for (int number : numbers) list += (list.empty() ? "" : ", ") + std::to_string(number);
    LogInfo("no --table given; what the evaluations hold is for table " + list);
  }
  for (int number : numbers)
    tables.push_back(MakePaperTable(number, groups, published, arguments.composition));
  return tables;
}

void WriteReport(const ReportArguments& arguments) {
  if (arguments.html) {
    PageArguments page = arguments.page;
    page.runs = arguments.runs;
    page.output = arguments.output;
    page.composition = arguments.composition;
    std::cout << WriteReportPage(page) << "\n";
    return;
  }
  std::vector<EvaluationFile> evaluations;
  for (const std::string& run : arguments.runs) evaluations.push_back(ReadEvaluation(run));
  const std::vector<RunGroup> groups = GroupRuns(std::move(evaluations));
  const std::string text = Written(MakeTables(arguments, groups), arguments.format);
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
  auto* table = command->add_option("--table", arguments->table,
                                    "1 Human3.6M, 2 MPI-INF-3DHP, 3 occlusion, 4 lifters, actions (a column "
                                    "each); without it what the runs hold");
  table->check(CLI::IsMember({"1", "2", "3", "4", "actions"}));
  std::vector<std::string> metrics;
  for (const MetricField& field : kMetricFields) metrics.emplace_back(field.name);
  command
      ->add_option("--metric", arguments->metric,
                   "Of --table actions; without it PA-MPJPE (reflection allowed) and N-MPJPE (norm scale)")
      ->check(CLI::IsMember(metrics))
      ->needs(table);
  command->add_option("--format", arguments->format, "How tables are written")
      ->check(CLI::IsMember({"text", "csv", "md", "tex", "json"}))
      ->capture_default_str();
  command->add_option("-o,--output", arguments->output, "Write to this file instead of stdout");
  command->add_option(
      "--composition", arguments->composition,
      "Only this composition of our lifters (legs_torso, left_core, right_core, mean, full, ...)");
  auto* html = command->add_flag("--html", arguments->html,
                                 "One page with everything, to look at without a network: configuration, "
                                 "curves, tables, errors, and with "
                                 "--data every pose; --output is its folder or its .html file");
  html->excludes(table);
  auto* data = command
                   ->add_option("--data", arguments->page.data,
                                "With --html: the pose files that were evaluated, for its error browser")
                   ->expected(1, -1)
                   ->type_name("FILE")
                   ->needs(html);
  AddSelectionOptions(command, arguments->page.selection);
  for (const char* name : {"--subjects", "--actions", "--cameras", "--stride"})
    command->get_option(name)->needs(data);
  command->add_option("--device", arguments->page.device, "With --data: auto, cpu, cuda or cuda:N")
      ->capture_default_str()
      ->needs(data);
  command->callback([arguments] { WriteReport(*arguments); });
}

}  // namespace links
