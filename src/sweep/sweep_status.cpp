#include "links/sweep/sweep_status.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/core/text.h"
#include "links/core/text_table.h"
#include "links/monitor/metric_history.h"
#include "links/report/report.h"
#include "links/run/finished_stage.h"
#include "links/run/run_lock.h"
#include "links/sweep/sweep_launch.h"
#include "links/sweep/sweep_task.h"
#include "links/training/stages.h"

namespace links {
namespace {

namespace fs = std::filesystem;

/// How far a run is.
struct Position {
  std::string stage;                      // the last that has ended an epoch
  std::map<std::string, int64_t> epochs;  // that were ended, of each stage
};

struct State {
  std::string name, where, why;
};

// Seconds that an epoch of a stage takes, as all runs have shown.
using Pace = std::map<std::string, std::vector<double>>;

Position PositionOf(const std::string& folder, Pace& pace) {
  Position position;
  if (!fs::exists(folder + "/metrics.jsonl")) return position;
  double before = 0;
  for (const MetricLine& line : ReadMetrics(folder)) {
    if (line.stage == position.stage) pace[line.stage].push_back(line.seconds - before);
    before = line.seconds;
    position.stage = line.stage;
    position.epochs[line.stage] = line.epoch;
  }
  return position;
}

// Seconds left of a run: of the stages whose pace is known; the others are counted in `unknown`.
double TimeLeft(const SweepVariant& variant, const Position& position, const Pace& pace, int& unknown) {
  double left = 0;
  for (const StageKind& stage : Stages()) {
    if (std::ranges::count(variant.stages, stage.group) == 0 || !stage.is_used(variant.config)) continue;
    if (stage.shared_key && !variant.flows.empty()) continue;
    const auto done = position.epochs.find(stage.name);
    const int64_t epochs =
        stage.schedule(variant.config).epochs - (done == position.epochs.end() ? 0 : done->second);
    if (epochs <= 0) continue;
    const auto found = pace.find(stage.name);
    if (found == pace.end()) {
      ++unknown;
      continue;
    }
    std::vector<double> seconds = found->second;
    std::ranges::nth_element(seconds, seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2));
    left += static_cast<double>(epochs) * seconds[seconds.size() / 2];
  }
  return left;
}

std::string Duration(double seconds) {
  const auto minutes = static_cast<int64_t>(std::ceil(seconds / 60));
  return minutes < 60 ? Concat(minutes, " min") : Concat(minutes / 60, " h ", minutes % 60, " min");
}

State StateOf(const SweepPlan& plan, const std::string& output, size_t number, const std::string& run) {
  const SweepTask& task = plan.tasks[number - 1];
  if (IsDone(plan, output, task, run)) return {"done", "", ""};
  const LockHolder holder = HolderOf(TaskFolder(output, number));
  const std::map<std::string, std::string> failures = FailuresOf(output, number);
  if (const auto found = failures.find(run); found != failures.end()) return {"failed", "", found->second};
  if (holder.alive) return {"running", holder.name, ""};
  if (!holder.name.empty()) return {"lost", holder.name, "its process ended without a word"};
  if (fs::exists(plan.Run(output, run).directory.ConfigPath()))
    return {"stopped", "", "it goes on from there"};
  const std::string job = SlurmJobOf(output, number);
  return job.empty() ? State{"planned", "", ""} : State{"submitted", "Slurm job " + job, ""};
}

// The tasks that make runs, not only flows for others, with each of their runs.
template <class Visit>
void ForEachRun(const SweepPlan& plan, const Visit& visit) {
  for (size_t number = 1; number <= plan.tasks.size(); ++number) {
    for (const std::string& run : plan.tasks[number - 1].runs) visit(number, run);
  }
}

}  // namespace

std::string SweepStatus(const SweepPlan& plan, const std::string& output) {
  Pace pace;
  std::map<std::string, Position> positions;
  ForEachRun(plan, [&](size_t, const std::string& run) { positions[run] = {}; });
  for (auto& [run, position] : positions) position = PositionOf(plan.Run(output, run).directory.path(), pace);
  TextTable table({"TASK", "RUN", "STATE", "WHERE", "HOW FAR", "LEFT"}, 6);
  std::map<std::string, int> counts;
  std::map<size_t, double> left_of;  // of each task
  int unknown_stages = 0, running_tasks = 0;
  size_t last_running = 0;
  ForEachRun(plan, [&](size_t number, const std::string& run) {
    const SweepTask& task = plan.tasks[number - 1];
    const SweepVariant& variant = plan.VariantOf(run);
    const Position& position = positions[run];
    const State state = StateOf(plan, output, number, run);
    if (!task.shared_flows) ++counts[state.name];
    std::string left;
    if (state.name != "done" && !task.shared_flows) {
      int unknown = 0;
      const double seconds = TimeLeft(variant, position, pace, unknown);
      unknown_stages += unknown;
      left_of[number] = std::max(left_of[number], seconds);
      left = Concat(unknown > 0 ? "over " : "", Duration(seconds));
    }
    if (state.name == "running" && last_running != number) {
      last_running = number;
      ++running_tasks;
    }
    std::string far = state.why;
    if (far.empty() && state.name != "done" && !position.stage.empty()) {
      far = Concat(position.stage, " ", position.epochs.at(position.stage), " of ",
                   StageNamed(position.stage).schedule(variant.config).epochs);
    }
    table.AddRow({std::to_string(number), run + (task.shared_flows ? ", flows" : ""), state.name, state.where,
                  far, left});
  });
  std::string sums;
  for (const auto& [name, count] : counts) sums += Concat(sums.empty() ? "" : ", ", count, " ", name);
  double left = 0;
  for (const auto& [task, seconds] : left_of) left += seconds;
  if (left > 0 || unknown_stages > 0) {
    sums += Concat("; ", unknown_stages > 0 ? "over " : "", Duration(left), " of work left");
    if (running_tasks > 0)
      sums += Concat(", ", Duration(left / running_tasks), " with ", running_tasks, " at a time as now");
  }
  return table.Text() + "\n" + sums + "\n";
}

std::string SweepTasks(const SweepPlan& plan, const std::string& output) {
  TextTable table({"TASK", "RUN", "TRAINS", "STATE"}, 4);
  ForEachRun(plan, [&](size_t number, const std::string& run) {
    const bool shared_flows = plan.tasks[number - 1].shared_flows;
    const SweepVariant& variant = plan.VariantOf(run);
    table.AddRow({std::to_string(number), run,
                  shared_flows            ? "flows, for others too"
                  : variant.flows.empty() ? Join(variant.stages, ", ")
                                          : Join(variant.stages, ", ") + " (flows of " + variant.flows + ")",
                  StateOf(plan, output, number, run).name});
  });
  return table.Text();
}

std::string WriteSweepTable(const SweepPlan& plan, const std::string& output) {
  std::vector<std::string> done;
  for (const std::string& run : plan.Runs()) {
    const std::string folder = plan.Run(output, run).directory.path();
    if (fs::exists(folder + "/evaluation.json")) done.push_back(folder);
  }
  if (done.empty())
    throw Error("expected a run that is done for a table, found none: links sweep --status ", output,
                " tells why");
  const std::vector<PaperTable> tables = MakeTables(done, plan.table);
  for (const std::string& format : TableFormats()) {
    const std::string suffix = format == "text" ? "txt" : format;
    WriteFileAtomically(
        Concat(output, "/table", plan.table == 0 ? "" : std::to_string(plan.table), ".", suffix),
        WriteTables(tables, format));
  }
  return WriteTables(tables, "text");
}

void CheckAllDone(const SweepPlan& plan, const std::string& output) {
  size_t open = 0, count = 0;
  ForEachRun(plan, [&](size_t number, const std::string& run) {
    if (plan.tasks[number - 1].shared_flows) return;
    ++count;
    const State state = StateOf(plan, output, number, run);
    if (state.name == "done") return;
    ++open;
    LogError(Concat(run, ": ", state.why.empty() ? state.name : state.why));
  });
  if (open > 0)
    throw Error("expected ", count, " runs to be done, found ", open,
                " that are not, listed above; the same call runs them again");
}

}  // namespace links
