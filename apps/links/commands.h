#pragma once

#include <CLI/CLI.hpp>

// One function a subcommand, each in a file of its own (train_command.cpp, ...): it declares the arguments
// and sets a callback that parses nothing else and delegates to the library. Results go to stdout, everything
// else to stderr.
namespace links {

void AddConfigCommand(CLI::App& app);
void AddDataCommand(CLI::App& app);
void AddTrainCommand(CLI::App& app);
void AddSweepCommand(CLI::App& app);
void AddAdaptCommand(CLI::App& app);
void AddCalibrateCommand(CLI::App& app);
void AddEvaluateCommand(CLI::App& app);
void AddLiftCommand(CLI::App& app);
void AddExportCommand(CLI::App& app);
void AddReportCommand(CLI::App& app);
void AddSampleCommand(CLI::App& app);
void AddRenderCommand(CLI::App& app);
void AddFigureCommand(CLI::App& app);
void AddWatchCommand(CLI::App& app);
void AddBenchCommand(CLI::App& app);
void AddPackCommand(CLI::App& app);
void AddInfoCommand(CLI::App& app);

/// Throws UsageError when LINKS_SPIN, how long OpenMP's threads spin, is none of long, short and off.
void CheckSpin();

/// What OpenMP was told of it, as the environment says it.
std::string SpinInForce();

}  // namespace links
