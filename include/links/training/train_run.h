#pragma once

#include <map>
#include <string>
#include <vector>

#include "links/run/networks.h"
#include "links/run/run_config.h"
#include "links/run/run_directory.h"
#include "links/training/stage.h"

namespace links {

/// Trains the stages that `what` names (any of all, flows, lifters, occlusion and completion) in the run's
/// folder, each from its checkpoint when it has one; a later stage loads the earlier ones, which must be
/// finished. The folder must be prepared.
StageResult TrainRun(const RunConfig& config, const RunDirectory& directory,
                     const std::vector<std::string>& what, torch::Device device);

/// One of several runs.
struct PlannedRun {
  RunConfig config;
  RunDirectory directory;
  std::string failure = {};  ///< why it was not finished, if it was not
  RunLock lock = {};         ///< of the folder, once it is prepared
};

/// Where finished flows are, by what makes two runs train the same flows.
using FinishedFlows = std::map<std::string, RunDirectory>;

/// TrainRun for runs side by side, of one EnsembleKey: as one network of many, each run with the random
/// numbers that it would have alone. A run that fails is left alone, the others go on. Flows that several
/// runs would train alike, here or in `flows`, are trained once and copied.
StageResult TrainEnsemble(std::vector<PlannedRun>& runs, const std::vector<std::string>& what,
                          torch::Device device, FinishedFlows& flows);

/// Why so many runs side by side have ended: ReasonOf, and what helps where the memory was too small.
std::string FailureTogether(const std::exception& error, size_t runs);

/// The 16 relative bone lengths that the configuration names: (16) float32 on the CPU. training: the training
/// poses.
torch::Tensor BoneRatios(const DataOptions& options, const PoseData& training);

}  // namespace links
