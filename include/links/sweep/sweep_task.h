#pragma once

#include <torch/types.h>

#include <map>
#include <string>
#include <vector>

#include "links/sweep/sweep.h"

namespace links {

/// Prepares the folders (RunDirectory::Prepare). Of several runs one that cannot be prepared has failed, a
/// single run throws.
void PrepareRuns(std::vector<PlannedRun>& runs, bool resume, torch::Device device);

/// Trains prepared runs of one EnsembleKey side by side. A run that fails is left alone and says why; a
/// single run throws.
StageResult TrainSideBySide(std::vector<PlannedRun>& runs, const std::vector<std::string>& what,
                            torch::Device device);

/// What a task leaves in OUTPUT/tasks/N: its lock while it runs, failures.json where runs failed, and the log
/// of its process.
std::string TaskFolder(const std::string& output, size_t task);

/// Removes what processes that were killed have half written in a folder that nobody else works in.
void RemoveHalfWritten(const std::string& folder);

/// Whether all that a run of the task is for is there: its evaluation or, of shared flows, their checkpoints.
bool IsDone(const SweepPlan& plan, const std::string& output, const SweepTask& task, const std::string& run);
bool IsDone(const SweepPlan& plan, const std::string& output, const SweepTask& task);

/// Why runs of the task failed when it was last run, by run.
std::map<std::string, std::string> FailuresOf(const std::string& output, size_t task);

/// Trains and evaluates what is not done of a task, in this process: 1 is the first. How many of its runs
/// failed. Throws UsageError when another process is at it, and Stopped.
size_t RunTask(const SweepPlan& plan, const std::string& output, size_t task);

}  // namespace links
