#include <iostream>
#include <memory>

#include "commands.h"
#include "links/core/atomic_file.h"
#include "links/core/text.h"
#include "links/report/report.h"

namespace links {
namespace {

struct ReportArguments {
  std::vector<std::string> runs;
  int table = 0;
  std::string format = "text", output, composition;
};

void WriteReport(const ReportArguments& arguments) {
  const std::string text =
      WriteTables(MakeTables(arguments.runs, arguments.table, arguments.composition), arguments.format);
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
      ->check(CLI::IsMember(TableFormats()))
      ->capture_default_str();
  command->add_option("-o,--output", arguments->output, "Write to this file instead of stdout");
  command->add_option(
      "--composition", arguments->composition,
      "Only this composition of our lifters (legs_torso, left_core, right_core, mean, full, ...)");
  command->callback([arguments] { WriteReport(*arguments); });
}

}  // namespace links
