#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace links {

/// What every figure takes: where it goes and how wide it is in print.
struct FigureOutput {
  std::string path;
  double width_mm = 84;
};

/// Adds --output and --width.
void AddFigureOutput(CLI::App* command, FigureOutput& output);

// The subcommands of `links figure`, in files of their own.
void AddCurvesFigure(CLI::App* figure);
void AddErrorsFigure(CLI::App* figure);
void AddPoseFigures(CLI::App* figure);

}  // namespace links
