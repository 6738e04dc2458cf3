#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "links/training/train_run.h"

namespace links {

/// Runs that differ in their seeds and in a configuration file each, the variant.
struct SweepOptions {
  std::vector<std::string> configs;    ///< what all start from, YAML files
  std::vector<std::string> variants;   ///< one more file for each run, over those; empty = one run without
  std::vector<std::string> overrides;  ///< key=value, over all files
  std::string seeds;                   ///< for each "N", seeds 1 to N, or "A-B"; empty = the configuration's
  std::string output;                  ///< over the configurations' when it is not empty
  std::string device;                  ///< the same
};

/// The runs in the order of the variants and then of the seeds, each with its folder: the output folder,
/// below it one named as the variant's file, below that seed1, seed2, ..., as far as these are asked for.
/// "{seed}" in flows.from becomes the run's seed. Throws UsageError.
std::vector<PlannedRun> PlanSweep(const SweepOptions& options);

/// Prepares the folders (RunDirectory::Prepare). Of several runs one that cannot be prepared has failed.
void PrepareSweep(std::vector<PlannedRun>& runs, bool resume, torch::Device device);

/// Trains prepared runs, those of one EnsembleKey side by side, at most `together` of them. A run that
/// fails is left alone and says why; a single run throws.
StageResult TrainSweep(std::vector<PlannedRun>& runs, const std::vector<std::string>& what,
                       torch::Device device, int64_t together);

}  // namespace links
