#pragma once

#include <string>

#include "links/sweep/sweep.h"

namespace links {

/// What each run is doing, by the sweep's files alone: planned, submitted, running (which process where),
/// stopped, lost, done or failed (why), how far it is and how much time is left, for people.
std::string SweepStatus(const SweepPlan& plan, const std::string& output);

/// The tasks and their runs, for people.
std::string SweepTasks(const SweepPlan& plan, const std::string& output);

/// Writes the table of the runs that are done to the sweep's folder in all formats. -> as text. Throws Error
/// when none is.
std::string WriteSweepTable(const SweepPlan& plan, const std::string& output);

/// Throws Error unless all runs are done; each that is not is logged with its reason.
void CheckAllDone(const SweepPlan& plan, const std::string& output);

}  // namespace links
