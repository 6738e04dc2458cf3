#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "links/dataset/normalisation.h"
#include "links/dataset/partial_poses.h"
#include "links/dataset/random_streams.h"
#include "links/loss/named_terms.h"
#include "links/monitor/metric_log.h"
#include "links/run/networks.h"
#include "links/run/run_config.h"
#include "links/run/run_directory.h"
#include "links/training/adam.h"

namespace links {

using NamedValues = std::vector<std::pair<std::string, double>>;

/// What the training loop needs of a stage, of one run or of several side by side (network/ensemble.h).
struct Stage {
  std::string name;
  NamedModules modules;  ///< the networks trained and stored
  ScheduleOptions schedule;
  /// Of a batch of the rows, real poses (R B, 17, 2).
  std::function<StepLoss(const torch::Tensor& batch, const RandomStreams& streams)> loss;
  std::function<NamedValues(size_t run)> validate;  ///< after an epoch; may be empty
  torch::Tensor rows = {};  ///< what batches are drawn from, on the device; undefined = the runs' poses
  /// Rows that batches are drawn from at once, one batch each, which `loss` then gets as (K, ..., B, 17, 2);
  /// empty = from all of them (Batcher).
  std::vector<torch::Tensor> pools = {};
  /// The loss of one run, by its own networks, on poses that are not trained on; may be empty.
  std::function<StepLoss(size_t run, Networks& own, const torch::Tensor& poses, const RandomStreams& streams)>
      loss_held_out = {};
  std::function<NamedValues(size_t run)> score_held_out = {};  ///< its terms after an epoch, for the log
  std::function<std::string(size_t run)> picture =
      {};            ///< a PNG of poses after an epoch, or ""; may be empty
  double later = 0;  ///< time of the run's stages that follow, about, as a multiple of this one's
  /// The modules of each run, which share the memory of `modules` while these are trained and afterwards;
  /// empty = `modules` are those of a single run.
  std::vector<NamedModules> of_runs = {};
  /// For each run the finished checkpoint whose weights its training starts from, or "".
  std::vector<std::string> start_from = {};

  int64_t runs() const { return of_runs.empty() ? 1 : static_cast<int64_t>(of_runs.size()); }
  /// The parameters of each module, under "module.name".
  std::vector<NamedTensors> Parameters() const;
  /// All parameters and buffers of a run, as its checkpoint names them.
  NamedTensors State(size_t run = 0) const { return StateOf(of_runs.empty() ? modules : of_runs[run]); }
};

/// What the stages of a run, or of several side by side, are made from.
struct StageData {
  std::vector<RunConfig> configs;  ///< of each run; they differ as EnsembleKey allows
  Normalisation normalisation;
  torch::Tensor poses;  ///< (N, 17, 2) normalised training poses, on the device or, to be staged, on the CPU
  torch::Device device = poses.device();
  PartialPoses partial = {};  ///< with data.partial: `poses` are its complete ones; else empty

  /// What the runs share.
  const RunConfig& config() const { return configs.front(); }
};

/// Where a run keeps what it produces.
struct RunRecord {
  const RunDirectory& directory;
  MetricLog& log;
  std::string failure = {};  ///< why it ended too early; such a run is left alone
};

/// The runs of an ensemble, or a single one, in training.
struct RunContext {
  StageData data;
  std::vector<RunRecord> records;  ///< of each run
};

enum class StageResult { kFinished, kInterrupted };

/// Trains a stage to its end, from its checkpoints when there are some (of runs side by side all stand at the
/// same step), and leaves its modules frozen. On a request to stop (see StopRequested) writes checkpoints and
/// returns kInterrupted. A run ends with a failure when a loss of it is not finite, naming epoch, step and
/// term; its last good checkpoint stays. Throws Error when no run is left.
StageResult TrainStage(const Stage& stage, RunContext& runs);

}  // namespace links
