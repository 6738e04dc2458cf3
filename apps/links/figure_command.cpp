#include "figure_command.h"

#include "commands.h"
#include "links/figures/pose_figure.h"
#include "links/figures/print_width.h"

namespace links {

void AddFigureOutput(CLI::App* command, FigureOutput& output) {
  command
      ->add_option_function<std::string>(
          "-o,--output",
          [&output](const std::string& path) {
            CheckFigurePath(path);
            output.path = path;
          },
          "The figure to write: .svg, .png (300 dpi) or .pdf, fonts within")
      ->type_name("FILE")
      ->required();
  output.width_mm = kColumnMm;
  command->add_option("--width", output.width_mm, "Its width in print, mm: 84 = a column, 174 = the page")
      ->check(CLI::Range(40.0, 1000.0))
      ->capture_default_str();
}

void AddFigureCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "figure", "The paper's figures of a run, for print: every number in them is one of `links evaluate`.");
  command->require_subcommand(1);
  AddCurvesFigure(command);
  AddErrorsFigure(command);
  AddPoseFigures(command);
}

}  // namespace links
