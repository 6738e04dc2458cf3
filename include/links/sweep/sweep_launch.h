#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "links/sweep/sweep.h"

namespace links {

/// CPU cores that this process may use, and CUDA devices that a sweep on `device` can use here.
int64_t Cores();
int64_t Gpus(const std::string& device);

/// Runs the tasks that are not done on this machine, so many processes at a time, each on a GPU of its own or
/// on the plan's threads, those with shared flows before the others. Each run's end is logged. Throws Stopped
/// when a signal came: the processes have written their checkpoints.
void RunHere(const SweepPlan& plan, const std::string& output, int64_t jobs);

/// How a sweep is given to Slurm.
struct SlurmRequest {
  std::string options;  ///< further options of sbatch, as for the shell
  std::string program;  ///< command that starts links in a job, for the shell; "" = this program
  int64_t jobs = 0;     ///< most tasks at a time, 0 = no limit
  bool dry_run = false;
};

/// Submits what is not done: an array of the shared flows, one of the other tasks behind it, then the table.
/// -> the commands. Throws UsageError while jobs of the sweep are in the queue, and Error when Slurm refuses.
std::vector<std::string> SubmitToSlurm(const SweepPlan& plan, const std::string& output,
                                       const SlurmRequest& request);

/// The job that a task was last submitted as, "12_3"; "" = none.
std::string SlurmJobOf(const std::string& output, size_t task);

}  // namespace links
