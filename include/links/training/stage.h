#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "links/dataset/normalisation.h"
#include "links/loss/named_terms.h"
#include "links/monitor/metric_log.h"
#include "links/training/adam.h"
#include "links/training/run_config.h"
#include "links/training/run_directory.h"

namespace links {

using NamedValues = std::vector<std::pair<std::string, double>>;

using NamedModules = std::vector<std::pair<std::string, std::shared_ptr<torch::nn::Module>>>;

/// What the training loop has to know of a stage.
struct Stage {
  std::string name;
  NamedModules modules;  ///< the networks trained and stored
  ScheduleOptions schedule;
  std::function<StepLoss(const torch::Tensor&)> loss;  ///< of a batch of the rows: real poses (B, 17, 2)
  std::function<NamedValues()> validate;               ///< after an epoch; may be empty
  torch::Tensor rows = {};  ///< what batches are drawn from, on the device; undefined = the run's poses

  /// The parameters of each module, under "module.name".
  std::vector<NamedTensors> Parameters() const;
  /// All parameters and buffers, under "module.name".
  NamedTensors State() const;
};

/// What the stages of a run are made from.
struct StageData {
  const RunConfig& config;
  Normalisation normalisation;
  torch::Tensor poses;  ///< (N, 17, 2) normalised training poses, on the device or, to be staged, on the CPU
  torch::Device device = poses.device();
};

/// A run under way.
struct RunContext {
  StageData data;
  const RunDirectory& directory;
  MetricLog& log;
};

enum class StageResult { kFinished, kInterrupted };

/// Trains a stage to its end, from its checkpoint when there is one, and leaves its modules frozen. On a
/// request to stop (see StopRequested) writes a checkpoint and returns kInterrupted. Throws Error when a loss
/// is not finite, naming epoch, step and term; the last good checkpoint stays.
StageResult TrainStage(const Stage& stage, RunContext& run);

/// From here on SIGINT and SIGTERM ask the training to stop after the step it is in; a second one ends the
/// program.
void CatchStopSignals();
bool StopRequested();

}  // namespace links
