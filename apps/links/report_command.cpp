#include <iostream>
#include <memory>

#include "commands.h"
#include "links/core/atomic_file.h"
#include "links/core/text.h"
#include "links/report/report.h"
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

std::vector<PaperTable> Tables(const ReportArguments& arguments) {
  if (arguments.table == "actions")
    return MakeActionTables(arguments.runs, arguments.metric, arguments.composition);
  return MakeTables(arguments.runs, arguments.table.empty() ? 0 : std::stoi(arguments.table),
                    arguments.composition);
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
  const std::string text = WriteTables(Tables(arguments), arguments.format);
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
      ->check(CLI::IsMember(TableFormats()))
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
