#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

#include "commands.h"
#include "links/core/error.h"
#include "links/core/stop_signal.h"
#include "links/core/terminal.h"
#include "links/core/text_table.h"
#include "links/monitor/run_curves.h"
#include "links/monitor/terminal_plot.h"
#include "links/run/model.h"

namespace links {
namespace {

constexpr size_t kMostColumns = 160;

struct WatchArguments {
  std::string run;
  double seconds = 2;
  bool once = false;
};

std::string Picture(const std::vector<MetricLine>& lines, const std::string& run) {
  if (lines.empty()) return run + ": no epoch is done yet\n";
  const MetricLine& last = lines.back();
  const size_t width = std::min<size_t>(TerminalColumns(STDOUT_FILENO, 21, 100), kMostColumns);
  std::string text = Concat(run, ": stage ", last.stage, ", epoch ", last.epoch, ", step ", last.step, "\n");
  for (const CurveSet& set : CurveSetsOf(lines)) {
    const auto& [metric, name] = set.metrics.front();
    const History history = HistoryOf(lines, set.stage, metric, HistoryAxis::kEpochs);
    if (history.x.empty()) continue;
    std::string title = Concat("\n", set.title, ", ", name, ": ", Fixed(history.y.back(), 2));
    if (history.y.size() > 1) {
      const double change = history.y.back() - history.y[history.y.size() - 2];
      title += Concat(" (", change > 0 ? "+" : "", Fixed(change, 2), ")");
    }
    text += TerminalPlot(title + ", over epochs", history.x, history.y, width, 6);
  }
  return text;
}

void Watch(const WatchArguments& arguments) {
  const std::string run = FindRun(arguments.run);
  if (!arguments.once) CatchStopSignals();
  for (;;) {
    const std::string picture = Picture(ReadMetrics(run), run);
    // Clears the terminal, so that the curves stay in place.
    if (!arguments.once && isatty(STDOUT_FILENO) == 1) std::cout << "\033[2J\033[H";
    std::cout << picture << std::flush;
    if (arguments.once) return;
    const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(arguments.seconds);
    while (std::chrono::steady_clock::now() < until) {
      if (StopRequested()) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
}

}  // namespace

void AddWatchCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "watch",
      "Draw a run's losses, likelihoods and errors in the terminal while it trains; Ctrl-C ends it.");
  const auto arguments = std::make_shared<WatchArguments>();
  command->add_option("run", arguments->run, "Run directory of `links train`")->required();
  command->add_flag("--once", arguments->once, "Draw them once, and end");
  command->add_option("--interval", arguments->seconds, "Seconds until they are drawn anew")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  command->callback([arguments] { Watch(*arguments); });
}

}  // namespace links
