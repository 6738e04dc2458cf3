#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "links/run/run_config.h"
#include "links/training/train_run.h"

namespace links {

/// What is asked for: `links sweep`'s arguments, each over what the sweep's file says.
struct SweepRequest {
  std::string file;      ///< a sweep's YAML file, or the name of a shipped one; "" = none
  std::string output;    ///< the sweep's folder
  std::string seeds;     ///< of every run: "N", seeds 1 to N, or "A-B"
  std::string size;      ///< of the shipped recipes: reduced or paper
  std::string data_set;  ///< a file of configs/datasets and the protocol of the same name
  std::string protocol;  ///< of the evaluation
  std::string device;    ///< auto, cpu, cuda or cuda:N
  std::vector<std::string> configs, variants;  ///< YAML files below all others, and one more for each run
  std::vector<std::string> recipes;            ///< shipped recipes: a run of each variant with each
  std::vector<std::string> overrides;          ///< key=value, over all files
  std::vector<std::string> train, test;        ///< pose files
  std::vector<std::string> stages;             ///< to train; none = all that a run's lifters allow
  int table = 0;                               ///< of the paper; 0 = what the evaluations hold
  /// Processes at a time, 0 = one a GPU or CPU core; with Slurm as many as there are tasks.
  int64_t jobs = 0;
  int64_t together = 8;  ///< most runs that one trains side by side
  int64_t threads = 0;   ///< CPU threads of a process, 0 = its share of the cores
};

/// Runs that differ in their seeds alone.
struct SweepVariant {
  std::string name;                 ///< their folder below the sweep's; "" = that itself
  std::vector<std::string> stages;  ///< what is trained of them
  std::string flows;  ///< the variant whose flows of the same seed they take; "" = they train theirs
  RunConfig config;   ///< but for seed, folder and where it computes
};

/// What one process trains side by side and evaluates.
struct SweepTask {
  bool shared_flows = false;      ///< only the flows, which runs of later tasks take
  std::vector<std::string> runs;  ///< folders below the sweep's: VARIANT/seedN
};

/// A sweep: what is written to its folder before anything is trained. It grows with new variants and seeds,
/// and what stands in it stays: which runs are trained side by side decides the last bits of their sums.
struct SweepPlan {
  int table = 0;
  std::string protocol, device;
  int64_t threads = 0;
  std::vector<std::string> test;  ///< pose files to evaluate on
  std::vector<SweepVariant> variants;
  std::vector<SweepTask> tasks;  ///< numbered from 1

  /// All runs in the order of the variants.
  std::vector<std::string> Runs() const;
  const SweepVariant& VariantOf(const std::string& run) const;
  /// The run in the sweep's folder `output`, with seed and flows.
  PlannedRun Run(const std::string& output, const std::string& run) const;
};

/// The variants that the request and its file describe, without tasks. Throws UsageError.
SweepPlan DescribeSweep(const SweepRequest& request);

/// The plan in the request's folder, if there is one, with the runs that are described and not yet in it:
/// flows that several variants would train alike are trained by the first, and runs that can be trained side
/// by side are shared out evenly among the jobs. Throws UsageError when a variant that stands in the plan is
/// described otherwise. Writes nothing.
SweepPlan PlanSweep(const SweepRequest& request);

void WriteSweepPlan(const SweepPlan& plan, const std::string& output);
/// Throws UsageError when there is none in the folder.
SweepPlan ReadSweepPlan(const std::string& output);

}  // namespace links
