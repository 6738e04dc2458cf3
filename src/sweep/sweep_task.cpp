#include "links/sweep/sweep_task.h"

#include <torch/types.h>

#include <algorithm>
#include <filesystem>
#include <list>
#include <nlohmann/json.hpp>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/core/stop_signal.h"
#include "links/device/device.h"
#include "links/device/failure.h"
#include "links/run/finished_stage.h"
#include "links/run/settings.h"
#include "links/scoring/scoring.h"
#include "links/training/stages.h"

namespace links {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::string FailuresPath(const std::string& output, size_t task) {
  return TaskFolder(output, task) + "/failures.json";
}

// Trains the task's runs. Some have failed, or could not be prepared.
void Train(std::vector<PlannedRun>& runs, const std::vector<std::string>& stages, torch::Device device) {
  try {
    PrepareRuns(runs, /*resume=*/true, device);
    if (TrainSideBySide(runs, stages, device) == StageResult::kInterrupted)
      throw Stopped("stopped by a signal: the sweep goes on from here when it is started again");
  } catch (const Stopped&) {
    throw;
  } catch (const std::exception& error) {
    for (PlannedRun& run : runs) {
      if (run.failure.empty()) run.failure = ReasonOf(error);
    }
  }
}

void Evaluate(const SweepPlan& plan, const PlannedRun& run, const std::string& device) {
  const std::string folder = run.directory.path();
  ScoringRequest request;
  request.run = folder;
  request.data = plan.test;
  request.protocol = plan.protocol;
  request.device = device;
  UseSettings(run.config);
  RemoveHalfWritten(folder);
  const LogFile log(run.directory.LogPath());
  const Report report = Score(request);
  WriteFileAtomically(folder + "/evaluation.txt", ReportTable(report));
  WriteFileAtomically(folder + "/evaluation.json", ReportJson(report));
}

}  // namespace

void PrepareRuns(std::vector<PlannedRun>& runs, bool resume, torch::Device device) {
  for (PlannedRun& run : runs) {
    UseSettings(run.config);  // environment.json tells the threads
    try {
      run.lock = run.directory.Prepare(run.config, resume, device.str());
    } catch (const Error& error) {
      if (runs.size() == 1) throw;
      run.failure = error.what();
    }
  }
}

StageResult TrainSideBySide(std::vector<PlannedRun>& runs, const std::vector<std::string>& what,
                            torch::Device device) {
  std::list<LogFile> logs;
  std::vector<PlannedRun> able;
  for (const PlannedRun& run : runs) {
    if (!run.failure.empty()) continue;
    logs.emplace_back(run.directory.LogPath());
    able.push_back(run);
  }
  if (able.empty()) return StageResult::kFinished;
  UseSettings(able.front().config);
  if (able.size() > 1) LogInfo(Concat("training ", able.size(), " runs side by side on ", device.str(), ":"));
  for (const PlannedRun& run : able) {
    LogInfo(able.size() > 1 ? "  " + run.directory.path()
                            : Concat("training into ", run.directory.path(), " on ", device.str()));
  }
  FinishedFlows none;
  StageResult result = StageResult::kFinished;
  std::string failure;
  try {
    result = TrainEnsemble(able, what, device, none);
  } catch (const std::exception& error) {
    if (runs.size() == 1) throw;
    failure = FailureTogether(error, able.size());
  }
  auto trained = able.begin();
  for (PlannedRun& run : runs) {
    if (!run.failure.empty()) continue;
    run.failure = trained->failure.empty() ? failure : trained->failure;
    ++trained;
  }
  return result;
}

std::string TaskFolder(const std::string& output, size_t task) {
  return Concat(output, "/tasks/", task);
}

void RemoveHalfWritten(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".partial") files.push_back(entry.path());
  }
  for (const fs::path& file : files) fs::remove(file);
}

bool IsDone(const SweepPlan& plan, const std::string& output, const SweepTask& task, const std::string& run) {
  const PlannedRun planned = plan.Run(output, run);
  if (fs::exists(planned.directory.path() + "/evaluation.json")) return true;
  return task.shared_flows && std::ranges::all_of(Stages(), [&](const StageKind& stage) {
           return !stage.shared_key || !stage.is_used(planned.config) ||
                  Finished(planned.directory, stage.name);
         });
}

bool IsDone(const SweepPlan& plan, const std::string& output, const SweepTask& task) {
  return std::ranges::all_of(task.runs,
                             [&](const std::string& run) { return IsDone(plan, output, task, run); });
}

std::map<std::string, std::string> FailuresOf(const std::string& output, size_t task) {
  const std::string path = FailuresPath(output, task);
  if (!fs::exists(path)) return {};
  try {
    return Json::parse(ReadFile(path)).get<std::map<std::string, std::string>>();
  } catch (const Json::exception&) {
    throw Error("expected the failed runs of a task as JSON, found something else in '", path, "'");
  }
}

size_t RunTask(const SweepPlan& plan, const std::string& output, size_t number) {
  if (number < 1 || number > plan.tasks.size())
    throw UsageError("expected a task from 1 to ", plan.tasks.size(), ", found ", number);
  const SweepTask& task = plan.tasks[number - 1];
  fs::create_directories(TaskFolder(output, number));
  const RunLock lock(TaskFolder(output, number));
  RemoveHalfWritten(TaskFolder(output, number));
  fs::remove(FailuresPath(output, number));
  const torch::Device device = SelectDevice(plan.device);
  KeepFreedMemory();
  CatchStopSignals();
  std::vector<PlannedRun> runs;
  for (const std::string& run : task.runs) {
    if (!IsDone(plan, output, task, run)) runs.push_back(plan.Run(output, run));
  }
  const std::vector<std::string> flows = {"flows"};
  Train(runs, task.shared_flows ? flows : plan.VariantOf(task.runs.front()).stages, device);
  std::map<std::string, std::string> failures;
  for (const PlannedRun& run : runs) {
    std::string failure = run.failure.empty() ? "" : "training failed: " + run.failure;
    if (failure.empty() && !task.shared_flows) {
      if (StopRequested())
        throw Stopped("stopped by a signal before an evaluation: the sweep goes on from here");
      try {
        Evaluate(plan, run, plan.device);
      } catch (const std::exception& error) {
        failure = "evaluation failed: " + ReasonOf(error);
      }
    }
    if (failure.empty()) continue;
    const std::string name = fs::path(run.directory.path()).lexically_relative(output).generic_string();
    LogError(Concat(name, ": ", failure));
    failures[name] = failure;
  }
  if (!failures.empty()) WriteFileAtomically(FailuresPath(output, number), Json(failures).dump(1) + "\n");
  return failures.size();
}

}  // namespace links
