#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <iomanip>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "links/config/config.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/core/stop_signal.h"
#include "links/device/failure.h"
#include "links/device/host_copy.h"
#include "links/evaluation/validation.h"
#include "links/monitor/progress.h"
#include "links/monitor/validation_line.h"
#include "links/run/checkpoint.h"
#include "links/run/networks.h"
#include "links/training/stage.h"
#include "links/training/train_step.h"

namespace links {
namespace {

using Clock = std::chrono::steady_clock;

/// A stage in training: everything that the checkpoints of its runs have to hold.
class StageRun {
 public:
  StageRun(const Stage& stage, RunContext& context)
      : stage_(stage),
        data_(context.data),
        records_(context.records),
        step_(stage, context.data.poses, context.data.device, context.data.config().cuda_graph),
        saving_(context.records.size()) {
    steps_per_epoch_ = step_.batcher().steps_per_epoch();
    if (stage.schedule.steps_per_epoch > 0) {
      if (steps_per_epoch_ < stage.schedule.steps_per_epoch) {
        LogWarning(Concat("stage ", stage.name, ": expected steps_per_epoch ", stage.schedule.steps_per_epoch,
                          ", found training poses for ", steps_per_epoch_, ", which an epoch then has"));
      }
      steps_per_epoch_ = std::min(steps_per_epoch_, stage.schedule.steps_per_epoch);
    }
  }

  StageResult Train();

 private:
  // Calls `work` with each run that has not failed. An exception ends that run; of the last one it is thrown.
  void ForEachRun(const std::function<void(size_t)>& work);
  StagePosition Restore(size_t run);
  // Starts to write the run's checkpoint, in the background.
  void Save(size_t run);
  // Throws what a write of before has met.
  void AwaitSaved(size_t run);
  void SaveWithinEpoch();
  void StartEpoch();
  void EndEpoch(Progress& progress);
  void LogValidation(size_t run, const NamedValues& metrics);
  StageResult Stop(Progress& progress);
  double LearningRate() const;
  NamedTensors Tensors(size_t run) const;
  NamedValues Losses(size_t run) const { return step_.meter().Means(Where(), static_cast<int64_t>(run)); }
  // Of the first run that has not failed, for the display.
  NamedValues ShownLosses();
  std::string PathOf(size_t run) const { return records_[run].directory.CheckpointPath(stage_.name); }
  std::string Where() const { return Concat("stage ", stage_.name, ", epoch ", position_.epoch + 1); }
  int64_t StepsDone() const { return position_.epoch * steps_per_epoch_ + position_.step; }

  const Stage& stage_;
  const StageData& data_;
  std::vector<RunRecord>& records_;
  TrainStep step_;
  int64_t steps_per_epoch_ = 0;
  StagePosition position_;
  std::map<size_t, torch::Tensor> generator_states_;  // to be restored when an epoch is continued
  std::map<size_t, NamedValues> validated_;           // what the last validation of each run gave
  std::vector<std::future<void>> saving_;             // of each run; the last writes end with this object
  Clock::time_point saved_ = Clock::now();
};

void StageRun::ForEachRun(const std::function<void(size_t)>& work) {
  const auto alive = [](const RunRecord& record) { return record.failure.empty(); };
  for (size_t run = 0; run < records_.size(); ++run) {
    RunRecord& record = records_[run];
    if (!alive(record)) continue;
    try {
      work(run);
    } catch (const std::exception& error) {
      record.failure = ReasonOf(error);
      if (std::ranges::none_of(records_, alive)) throw;
      LogWarning(Concat("left alone: ", record.directory.path(), ": ", record.failure));
    }
  }
}

NamedTensors StageRun::Tensors(size_t run) const {
  NamedTensors all = stage_.State(run);
  for (const auto& [name, tensor] : step_.adam().State(static_cast<int64_t>(run), stage_.runs()))
    all.emplace_back("optimizer." + name, tensor);
  for (const auto& [name, tensor] : step_.average().State(static_cast<int64_t>(run), stage_.runs()))
    all.emplace_back("optimizer." + name, tensor);
  return all;
}

StagePosition StageRun::Restore(size_t run) {
  const std::string path = PathOf(run);
  if (!std::filesystem::exists(path)) {
    if (run < stage_.start_from.size() && !stage_.start_from[run].empty())
      ReadCheckpoint(stage_.start_from[run], stage_.State(run));
    return {};
  }
  const StagePosition position = ReadCheckpointHeader(path).position;
  ReadCheckpoint(path, position.finished ? stage_.State(run) : Tensors(run));
  if (position.step == 0) return position;
  torch::Tensor terms = torch::zeros({}, torch::kInt64), state_size = torch::zeros({}, torch::kInt64);
  ReadCheckpoint(path, {{"epoch_state.terms", terms}, {"epoch_state.generator_size", state_size}});
  if (state_size.item<int64_t>() != step_.streams().generators()[run].get_state().numel()) {
    throw Error(
        "expected '", path,
        "' to be continued on the kind of device that wrote it, as it was written within an epoch, found ",
        data_.device.str());
  }
  step_.meter().PrepareState(terms.item<int64_t>());
  torch::Tensor& generator_state = generator_states_[run];
  generator_state = torch::zeros({state_size.item<int64_t>()}, torch::kUInt8);
  NamedTensors epoch_state = {{"epoch_state.generator", generator_state}};
  for (const auto& [name, tensor] : step_.meter().State(static_cast<int64_t>(run)))
    epoch_state.emplace_back("epoch_state.losses." + name, tensor);
  ReadCheckpoint(path, epoch_state);
  return position;
}

void StageRun::Save(size_t run) {
  // Nobody goes on from a finished stage.
  NamedTensors tensors = position_.finished ? stage_.State(run) : Tensors(run);
  if (position_.step > 0) {
    // Within an epoch: where its random numbers and its sums stand.
    const torch::Tensor state = step_.streams().generators()[run].get_state();
    tensors.emplace_back("epoch_state.terms", torch::scalar_tensor(step_.meter().terms(), torch::kInt64));
    tensors.emplace_back("epoch_state.generator_size", torch::scalar_tensor(state.numel(), torch::kInt64));
    tensors.emplace_back("epoch_state.generator", state);
    for (const auto& [name, tensor] : step_.meter().State(static_cast<int64_t>(run)))
      tensors.emplace_back("epoch_state.losses." + name, tensor);
  }
  std::vector<std::string> networks;
  for (const auto& [name, module] : stage_.modules) networks.push_back(name);
  CheckpointHeader header{stage_.name, networks, position_, data_.normalisation,
                          WriteConfig(data_.configs[run])};
  AwaitSaved(run);
  // The next steps change the tensors while the file is written.
  std::vector<torch::Tensor> values;
  for (const auto& [name, tensor] : tensors) values.push_back(tensor);
  saving_[run] =
      std::async(std::launch::async, [path = PathOf(run), header = std::move(header),
                                      tensors = std::move(tensors), now = HostCopy(values)]() mutable {
        const std::vector<torch::Tensor> on_host = now.Get();
        for (size_t i = 0; i < on_host.size(); ++i) tensors[i].second = on_host[i];
        WriteCheckpoint(path, header, tensors);
      });
  saved_ = Clock::now();
}

void StageRun::AwaitSaved(size_t run) {
  if (saving_[run].valid()) saving_[run].get();
}

void StageRun::SaveWithinEpoch() {
  ForEachRun([&](size_t run) {
    Losses(run);  // or it has failed
    Save(run);
  });
}

void StageRun::StartEpoch() {
  // An epoch's randomness depends on seed, stage and epoch alone, so that a checkpoint between epochs needs
  // none.
  const auto seeds = [&](int64_t epoch) {
    std::vector<uint64_t> of_runs;
    for (const RunConfig& config : data_.configs)
      of_runs.push_back(DeriveSeed(config.seed, stage_.name, epoch));
    return of_runs;
  };
  const bool last = position_.epoch + 1 == stage_.schedule.epochs;
  step_.StartEpoch(seeds(position_.epoch), position_.step,
                   last ? std::vector<uint64_t>() : seeds(position_.epoch + 1));
  if (position_.step == 0) step_.meter().Start();
  for (const auto& [run, state] : generator_states_) {
    at::Generator generator = step_.streams().generators()[run];
    generator.set_state(state);
  }
  generator_states_.clear();
}

double StageRun::LearningRate() const {
  const ScheduleOptions& schedule = stage_.schedule;
  const double rate =
      schedule.StepLearningRate() * std::pow(schedule.decay, static_cast<double>(position_.epoch));
  if (StepsDone() >= schedule.warmup_steps) return rate;
  return rate * static_cast<double>(StepsDone() + 1) / static_cast<double>(schedule.warmup_steps);
}

NamedValues StageRun::ShownLosses() {
  std::optional<NamedValues> shown;
  ForEachRun([&](size_t run) {
    if (!shown) shown = Losses(run);
  });
  return *shown;
}

void StageRun::LogValidation(size_t run, const NamedValues& metrics) {
  if (metrics.empty()) return;
  std::ostringstream line;
  line << std::fixed << std::setprecision(1) << stage_.name << "  epoch " << position_.epoch + 1;
  if (records_.size() > 1) line << ' ' << records_[run].directory.path();
  line << " validation:";
  for (const auto& [name, value] : metrics) {
    const bool is_mm = name.find("mpjpe") != std::string::npos;
    line << "  " << name << " " << std::setprecision(is_mm ? 1 : 3) << value << (is_mm ? " mm" : "");
  }
  LogDebug(line.str());
  const std::string shown = ValidationLine(stage_.name, position_.epoch + 1, stage_.schedule.epochs, metrics,
                                           std::exchange(validated_[run], metrics));
  LogInfo(records_.size() > 1 ? shown + "  " + records_[run].directory.path() : shown);
  if (position_.epoch + 1 < stage_.schedule.epochs) return;
  const std::string mirrored = MirroredDepth(metrics);
  if (!mirrored.empty()) LogWarning(Concat(records_[run].directory.path(), ": ", mirrored));
}

void StageRun::EndEpoch(Progress& progress) {
  const NamedValues shown = ShownLosses();
  std::vector<NamedValues> values(records_.size());
  std::vector<std::string> pictures(records_.size());
  step_.average().Exchange();  // what is validated is what is stored in the end
  ForEachRun([&](size_t run) {
    values[run] = Losses(run);
    if (stage_.validate) {
      const NamedValues metrics = stage_.validate(run);
      values[run].insert(values[run].end(), metrics.begin(), metrics.end());
      LogValidation(run, metrics);
    }
    if (stage_.score_held_out) {
      const NamedValues losses = stage_.score_held_out(run);
      values[run].insert(values[run].end(), losses.begin(), losses.end());
    }
    values[run].emplace_back("learning_rate", step_.learning_rate());
    if (stage_.picture) pictures[run] = stage_.picture(run);
  });
  ++position_.epoch;
  position_.step = 0;
  position_.finished = position_.epoch == stage_.schedule.epochs;
  if (!position_.finished) step_.average().Exchange();
  progress.Update(StepsDone(), position_.epoch, stage_.schedule.epochs, shown);
  ForEachRun([&](size_t run) {
    records_[run].log.Write(stage_.name, StepsDone(), position_.epoch, values[run]);
    if (!pictures[run].empty()) records_[run].log.WritePoses(stage_.name, StepsDone(), pictures[run]);
    Save(run);
  });
}

StageResult StageRun::Stop(Progress& progress) {
  if (position_.step > 0) SaveWithinEpoch();  // otherwise the end of the epoch has saved it
  ForEachRun([&](size_t run) { AwaitSaved(run); });
  progress.Hide();
  LogWarning(Concat("stopped in ", Where(), ", step ", position_.step, ": --resume goes on from there"));
  return StageResult::kInterrupted;
}

StageResult StageRun::Train() {
  std::optional<StagePosition> first;
  ForEachRun([&](size_t run) {
    const StagePosition position = Restore(run);
    if (!first) first = position;
    if (position.epoch != first->epoch || position.step != first->step)
      throw Error("expected runs side by side to stand at the same step, found another in '", PathOf(run),
                  "'");
  });
  position_ = *first;
  if (position_.finished) {
    LogInfo(Concat("stage ", stage_.name, ": already trained, ", stage_.schedule.epochs, " epochs"));
    return StageResult::kFinished;
  }
  const int64_t epochs = stage_.schedule.epochs;
  Progress progress(stage_.name, epochs * steps_per_epoch_, stage_.schedule.StepPoses() * stage_.runs(),
                    stage_.later);
  progress.Update(StepsDone(), position_.epoch + 1, epochs, {});
  while (position_.epoch < epochs) {
    StartEpoch();
    while (position_.step < steps_per_epoch_) {
      step_.SetLearningRate(LearningRate());
      step_.Run();
      ++position_.step;
      if (StopRequested() && position_.step < steps_per_epoch_) return Stop(progress);
      if (progress.Due()) progress.Update(StepsDone(), position_.epoch + 1, epochs, ShownLosses());
      const std::chrono::duration<double> since_saved = Clock::now() - saved_;
      const auto interval = static_cast<double>(data_.config().checkpoint_seconds);
      if (interval > 0 && position_.step < steps_per_epoch_ && since_saved.count() > interval)
        SaveWithinEpoch();
    }
    EndEpoch(progress);
    if (StopRequested() && !position_.finished) return Stop(progress);
  }
  ForEachRun([&](size_t run) { AwaitSaved(run); });
  progress.Finish();
  return StageResult::kFinished;
}

}  // namespace

std::vector<NamedTensors> Stage::Parameters() const {
  std::vector<NamedTensors> all;
  for (const auto& [prefix, module] : modules) {
    NamedTensors& own = all.emplace_back();
    for (const auto& item : module->named_parameters())
      own.emplace_back(prefix + "." + item.key(), item.value());
  }
  return all;
}

StageResult TrainStage(const Stage& stage, RunContext& runs) {
  return StageRun(stage, runs).Train();
}

}  // namespace links
