#include "links/training/train_run.h"

#include <torch/types.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "links/config/config.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/data/missing_joints.h"
#include "links/data/pose_mix.h"
#include "links/device/device.h"
#include "links/device/failure.h"
#include "links/run/checkpoint.h"
#include "links/run/finished_stage.h"
#include "links/training/stages.h"

namespace links {
namespace {

// The poses where batches are drawn from: on the device, or on the host when they are too many for it.
torch::Tensor Place(const torch::Tensor& poses, Placement placement, torch::Device device) {
  const auto bytes = static_cast<int64_t>(poses.nbytes());
  const bool host = placement == Placement::kHost ||
                    (placement == Placement::kAuto && device.is_cuda() && 2 * bytes > FreeMemory(device));
  if (host && !device.is_cpu())
    LogInfo(Concat("training poses stay on the host, ", bytes >> 20, " MiB, batches are staged from there"));
  return host ? poses : poses.to(device);
}

bool Wanted(const StageKind& stage, const std::vector<std::string>& what) {
  return std::ranges::any_of(what, [&](const std::string& name) {
    return name == "all" || name == stage.name || name == stage.group;
  });
}

// Whether a stage needs another finished, itself or through those it needs.
bool DependsOn(const StageKind& stage, const std::string& other) {
  return std::ranges::any_of(stage.depends_on, [&](const std::string& name) {
    return name == other || DependsOn(StageNamed(name), other);
  });
}

// Those that a stage trains, and those that it or the stages before need.
std::set<std::string> NetworksOf(const StageKind& stage) {
  std::set<std::string> names(stage.networks.begin(), stage.networks.end());
  for (const std::string& needed : stage.depends_on) names.merge(NetworksOf(StageNamed(needed)));
  return names;
}

// Takes the finished flows of another run (flows.from) where this one has none yet.
void AdoptFlows(const PlannedRun& run, const StageKind& stage) {
  const std::string& from = run.config.flows.from;
  if (from.empty() || std::filesystem::exists(run.directory.CheckpointPath(stage.name))) return;
  const RunDirectory source(from);
  if (stage.shared_key(source.ConfigByContent()) != stage.shared_key(run.directory.ConfigByContent())) {
    throw UsageError(
        "flows.from: expected a run with the same flow options and training poses, found another in '", from,
        "'");
  }
  if (!Finished(source, stage.name)) {
    throw UsageError("flows.from: expected the stage ", stage.name, " to be finished in '", from,
                     "', found it is not");
  }
  CopyFinished(source, run.directory, stage.name);
}

// Metrics later than a stage's checkpoint will be written again.
void RewindMetrics(const RunDirectory& directory) {
  std::map<std::string, int64_t> epochs;  // of each stage's checkpoint, opened once
  for (const std::string& stage : directory.StoredStages()) {
    const std::string path = directory.CheckpointPath(stage);
    epochs[stage] = ReadCheckpointHeader(path).position.epoch;
  }
  MetricLog::Rewind(directory.path(), [&](const std::string& stage, int64_t epoch) {
    const auto found = epochs.find(stage);
    return found != epochs.end() && epoch <= found->second;
  });
}

PoseData ReadValidation(const DataOptions& options) {
  if (options.validation.empty()) return {};
  PoseData poses = ReadPoseFiles(options.validation, options.validation_selection);
  options.partial ? DropWithoutSegment(poses, "validation poses") : DropIncomplete(poses, "validation poses");
  if (poses.joints_3d.empty()) {
    LogInfo("the validation poses have no 3D: they tell likelihoods and signs of depth, no errors");
  }
  return poses;
}

/// An ensemble, or a single run, in training through all its stages.
class EnsembleRun {
 public:
  EnsembleRun(std::vector<PlannedRun>& runs, torch::Device device, FinishedFlows& flows);

  StageResult Train(const std::vector<std::string>& what);

 private:
  // Reads the poses to train and to validate on.
  void ReadPoses(const DataOptions& options);
  // Calls `work` with each run that has not failed. An Error ends that run; of a single run it is thrown.
  void ForEachRun(const std::function<void(size_t)>& work);
  // Trains a stage of the runs that need it.
  StageResult TrainStage(const StageKind& stage, double later);
  StageResult TrainStage(const StageKind& stage, const std::vector<size_t>& members, double later);
  // The time of the stages that follow and are not finished, as a multiple of this one's: an estimate.
  double Later(const StageKind& stage, const std::vector<std::string>& what);
  // Where a run stands in a stage.
  std::pair<int64_t, int64_t> Position(size_t run, const std::string& stage) const;
  // What makes two runs train the same networks in a stage that is shared.
  std::string SharedKey(const StageKind& stage, size_t run) const {
    return Concat(runs_[run].config.seed, "\n", stage.shared_key(runs_[run].config));
  }

  std::vector<PlannedRun>& runs_;
  torch::Device device_;
  FinishedFlows& flows_;
  PoseData training_, validation_;  // the training poses that have all joints
  Normalisation normalisation_;
  torch::Tensor poses_;
  PartialPoses partial_;  // with data.partial: poses_ are the complete ones of these
  std::vector<MetricLog> logs_;
  std::vector<Networks> networks_;
};

EnsembleRun::EnsembleRun(std::vector<PlannedRun>& runs, torch::Device device, FinishedFlows& flows)
    : runs_(runs), device_(device), flows_(flows) {
  ReadPoses(runs.front().config.data);
  for (const PlannedRun& run : runs) {
    RewindMetrics(run.directory);
    logs_.emplace_back(run.directory.path());
    logs_.back().WriteConfiguration(WriteConfig(run.config));
    networks_.emplace_back(run.config, device);
  }
}

void EnsembleRun::ReadPoses(const DataOptions& options) {
  training_ = ReadPoseFiles(options.training, options.training_selection);
  options.partial ? DropWithoutSegment(training_, "training poses")
                  : DropIncomplete(training_, "training poses");
  if (!options.mix.empty()) training_ = MixPoses(std::move(training_), options.mix);
  validation_ = ReadValidation(options);
  WarnOfOtherJoints(training_.joints, "the training poses'", validation_.joints,
                    "those of the validation poses");
  PoseData all;  // with data.partial, those that lack joints too
  if (options.partial) {
    all = std::move(training_);
    training_ = CompletePoses(all, "training poses");
  }
  normalisation_ = Normalisation::Of(training_, options.scale);
  LogInfo(Concat("training poses ", training_.size(), ", validation poses ", validation_.size(),
                 ", mean head-root distance ", normalisation_.head_root_px, " px"));
  poses_ = normalisation_.Keypoints(options.partial ? all : training_);
  if (options.partial) {
    partial_ = PartialPoses(poses_);
    LogInfo(Concat("data.partial: ", partial_.Text()));
    poses_ = partial_.poses;
  }
  poses_ = Place(poses_, options.placement, device_);
  if (!options.partial) return;
  partial_.poses = poses_;
  poses_ = poses_.narrow(0, 0, partial_.complete);
}

void EnsembleRun::ForEachRun(const std::function<void(size_t)>& work) {
  for (size_t run = 0; run < runs_.size(); ++run) {
    if (!runs_[run].failure.empty()) continue;
    try {
      work(run);
    } catch (const std::exception& error) {
      if (runs_.size() == 1) throw;
      runs_[run].failure = ReasonOf(error);
      LogWarning(Concat("left alone: ", runs_[run].directory.path(), ": ", runs_[run].failure));
    }
  }
}

std::pair<int64_t, int64_t> EnsembleRun::Position(size_t run, const std::string& stage) const {
  const std::string path = runs_[run].directory.CheckpointPath(stage);
  if (!std::filesystem::exists(path)) return {0, 0};
  const StagePosition position = ReadCheckpointHeader(path).position;
  return {position.epoch, position.step};
}

StageResult EnsembleRun::TrainStage(const StageKind& stage, const std::vector<size_t>& members,
                                    double later) {
  std::vector<RunConfig> configs;
  std::vector<Networks> own;
  std::vector<RunRecord> records;
  for (const size_t run : members) {
    configs.push_back(runs_[run].config);
    own.push_back(networks_[run]);
    records.push_back({runs_[run].directory, logs_[run]});
  }
  RunContext context{{configs, normalisation_, poses_, device_, partial_}, records};
  const bool alone = members.size() == 1;
  Networks trained =
      alone ? own.front() : Networks::Ensemble(configs.front(), device_, own, NetworksOf(stage));
  const auto record_failures = [&] {
    for (size_t i = 0; i < members.size(); ++i) runs_[members[i]].failure = context.records[i].failure;
  };
  try {
    Stage made = MakeStage(stage, context.data, trained, alone ? std::vector<Networks>() : own, training_,
                           validation_);
    made.later = later;
    const StageResult result = links::TrainStage(made, context);
    record_failures();
    return result;
  } catch (const std::exception& error) {
    if (runs_.size() == 1) throw;
    record_failures();
    for (const size_t run : members) {
      if (runs_[run].failure.empty()) runs_[run].failure = FailureTogether(error, members.size());
    }
    return StageResult::kFinished;
  }
}

StageResult EnsembleRun::TrainStage(const StageKind& stage, double later) {
  // Those that stand at the same step, together; of those that would train the same flows the first, which
  // may have finished already.
  std::map<std::pair<int64_t, int64_t>, std::vector<size_t>> together;
  std::map<size_t, size_t> copied_from;
  std::map<std::string, size_t> first_with;
  ForEachRun([&](size_t run) {
    if (LoadFinished(runs_[run].directory, stage.name, networks_[run])) {
      LogInfo(Concat("stage ", stage.name, ": already trained in ", runs_[run].directory.path()));
      if (stage.shared_key) first_with.emplace(SharedKey(stage, run), run);
      return;
    }
    const bool started = std::filesystem::exists(runs_[run].directory.CheckpointPath(stage.name));
    if (stage.shared_key) {
      const auto [first, is_new] = first_with.emplace(SharedKey(stage, run), run);
      if (!is_new && !started) {
        copied_from[run] = first->second;
        return;
      }
    }
    together[Position(run, stage.name)].push_back(run);
  });
  for (const auto& [position, members] : together) {
    if (TrainStage(stage, members, later) == StageResult::kInterrupted) return StageResult::kInterrupted;
  }
  ForEachRun([&](size_t run) {
    if (!stage.shared_key) return;
    const auto found = copied_from.find(run);
    if (found != copied_from.end()) {
      const PlannedRun& source = runs_[found->second];
      if (!source.failure.empty()) throw Error(source.failure);
      CopyFinished(source.directory, runs_[run].directory, stage.name);
      LoadFinished(runs_[run].directory, stage.name, networks_[run]);
    }
    if (runs_[run].config.flows.from.empty()) flows_.emplace(SharedKey(stage, run), runs_[run].directory);
  });
  return StageResult::kFinished;
}

double EnsembleRun::Later(const StageKind& stage, const std::vector<std::string>& what) {
  const RunConfig& config = runs_.front().config;
  const auto work = [&](const StageKind& kind) {
    const ScheduleOptions& schedule = kind.schedule(config);
    int64_t steps = std::max<int64_t>(poses_.size(0) / schedule.StepPoses(), 1);
    if (schedule.steps_per_epoch > 0) steps = std::min(steps, schedule.steps_per_epoch);
    const Cost cost = kind.cost(config, networks_.front());
    return static_cast<double>(schedule.epochs * steps) * cost.gflop / kind.rate;
  };
  const double own = work(stage);
  double later = 0;
  bool follows = false;
  for (const StageKind& kind : Stages()) {
    if (follows && kind.is_used(config) && Wanted(kind, what) &&
        !Finished(runs_.front().directory, kind.name))
      later += work(kind);
    follows |= kind.name == stage.name;
  }
  return own > 0 ? later / own : 0;
}

StageResult EnsembleRun::Train(const std::vector<std::string>& what) {
  const RunConfig& config = runs_.front().config;
  for (const StageKind& stage : Stages()) {
    if (!stage.is_used(config)) continue;
    const bool wanted = Wanted(stage, what);
    const auto later = std::ranges::find_if(Stages(), [&](const StageKind& other) {
      return Wanted(other, what) && DependsOn(other, stage.name);
    });
    const bool needed = later != Stages().end();
    if (stage.shared_key && (needed || wanted)) {
      ForEachRun([&](size_t run) {
        AdoptFlows(runs_[run], stage);
        const auto found = flows_.find(SharedKey(stage, run));
        const bool started = std::filesystem::exists(runs_[run].directory.CheckpointPath(stage.name));
        if (!started && found != flows_.end() && Finished(found->second, stage.name))
          CopyFinished(found->second, runs_[run].directory, stage.name);
      });
    }
    if (wanted) {
      if (TrainStage(stage, Later(stage, what)) == StageResult::kInterrupted)
        return StageResult::kInterrupted;
    } else if (needed) {
      ForEachRun([&](size_t run) {
        const RunDirectory& directory = runs_[run].directory;
        if (LoadFinished(directory, stage.name, networks_[run])) return;
        throw UsageError("expected stage ", stage.name, " to be trained before stage ", later->name,
                         ", found no finished checkpoint in '", directory.path(), "'");
      });
    }
  }
  return StageResult::kFinished;
}

}  // namespace

std::string FailureTogether(const std::exception& error, size_t runs) {
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) == nullptr) return ReasonOf(error);
  return Concat("expected ", runs,
                " runs side by side to fit into the device's memory (--together): ", ReasonOf(error));
}

StageResult TrainEnsemble(std::vector<PlannedRun>& runs, const std::vector<std::string>& what,
                          torch::Device device, FinishedFlows& flows) {
  for (const StageKind& stage : Stages()) {
    if (stage.check && Wanted(stage, what)) stage.check(runs.front().config);
  }
  return EnsembleRun(runs, device, flows).Train(what);
}

StageResult TrainRun(const RunConfig& config, const RunDirectory& directory,
                     const std::vector<std::string>& what, torch::Device device) {
  std::vector<PlannedRun> alone = {{config, directory}};
  FinishedFlows none;
  return TrainEnsemble(alone, what, device, none);
}

}  // namespace links
