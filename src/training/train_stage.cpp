#include <ATen/Context.h>
#include <torch/torch.h>

#include <chrono>
#include <filesystem>
#include <iomanip>
#include <sstream>

#include "links/config/config.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/monitor/progress.h"
#include "links/training/checkpoint.h"
#include "links/training/networks.h"
#include "links/training/stage.h"
#include "links/training/train_step.h"

namespace links {
namespace {

using Clock = std::chrono::steady_clock;

at::Generator DefaultGenerator(torch::Device device) {
  return at::globalContext().defaultGenerator(device);
}

/// One stage on its way: everything that a checkpoint has to hold.
class StageRun {
 public:
  StageRun(const Stage& stage, RunContext& run)
      : stage_(stage),
        run_(run),
        device_(run.data.device),
        path_(run.directory.CheckpointPath(stage.name)),
        step_(stage, run.data.poses, device_, run.data.config.cuda_graph) {
    steps_per_epoch_ = step_.batcher().steps_per_epoch();
    if (stage.schedule.steps_per_epoch > 0) {
      steps_per_epoch_ = std::min(steps_per_epoch_, stage.schedule.steps_per_epoch);
    }
  }

  StageResult Train();

 private:
  void Restore();
  void Save();
  void StartEpoch();
  void EndEpoch(Progress& progress);
  void LogValidation(const NamedValues& metrics) const;
  StageResult Stop(Progress& progress);
  double LearningRate() const;
  NamedTensors Tensors() const;
  std::string Where() const { return Concat("stage ", stage_.name, ", epoch ", position_.epoch + 1); }
  int64_t StepsDone() const { return position_.epoch * steps_per_epoch_ + position_.step; }

  const Stage& stage_;
  RunContext& run_;
  torch::Device device_;
  std::string path_;
  TrainStep step_;
  int64_t steps_per_epoch_ = 0;
  StagePosition position_;
  torch::Tensor generator_state_;  // to be restored when an epoch is continued
  Clock::time_point saved_ = Clock::now();
};

NamedTensors StageRun::Tensors() const {
  NamedTensors all;
  for (const auto& [name, tensor] : stage_.State()) all.emplace_back("networks." + name, tensor);
  for (const auto& [name, tensor] : step_.adam().State()) all.emplace_back("optimizer." + name, tensor);
  return all;
}

void StageRun::Restore() {
  if (!std::filesystem::exists(path_)) return;
  const CheckpointHeader header = ReadCheckpoint(path_, Tensors());
  position_ = header.position;
  if (position_.step == 0) return;
  torch::Tensor terms = torch::zeros({}, torch::kInt64), state_size = torch::zeros({}, torch::kInt64);
  ReadCheckpoint(path_, {{"epoch_state.terms", terms}, {"epoch_state.generator_size", state_size}});
  step_.meter().PrepareState(terms.item<int64_t>());
  generator_state_ = torch::zeros({state_size.item<int64_t>()}, torch::kUInt8);
  NamedTensors epoch_state = {{"epoch_state.generator", generator_state_}};
  for (const auto& [name, tensor] : step_.meter().State())
    epoch_state.emplace_back("epoch_state.losses." + name, tensor);
  ReadCheckpoint(path_, epoch_state);
}

void StageRun::Save() {
  NamedTensors tensors = Tensors();
  if (position_.step > 0) {
    // Within an epoch: where its random numbers and its sums stand.
    const torch::Tensor state = DefaultGenerator(device_).get_state();
    tensors.emplace_back("epoch_state.terms", torch::scalar_tensor(step_.meter().terms(), torch::kInt64));
    tensors.emplace_back("epoch_state.generator_size", torch::scalar_tensor(state.numel(), torch::kInt64));
    tensors.emplace_back("epoch_state.generator", state);
    for (const auto& [name, tensor] : step_.meter().State())
      tensors.emplace_back("epoch_state.losses." + name, tensor);
  }
  WriteCheckpoint(path_, {stage_.name, position_, run_.data.normalisation, WriteConfig(run_.data.config)},
                  tensors);
  saved_ = Clock::now();
}

void StageRun::StartEpoch() {
  // An epoch's randomness depends on seed, stage and epoch alone, so that a checkpoint between epochs needs
  // none.
  torch::manual_seed(DeriveSeed(run_.data.config.seed, stage_.name, position_.epoch));
  step_.batcher().Shuffle(position_.step);
  if (position_.step == 0) {
    step_.meter().Start();
  } else {
    DefaultGenerator(device_).set_state(generator_state_);
  }
}

double StageRun::LearningRate() const {
  const ScheduleOptions& schedule = stage_.schedule;
  const double rate =
      schedule.StepLearningRate() * std::pow(schedule.decay, static_cast<double>(position_.epoch));
  if (StepsDone() >= schedule.warmup_steps) return rate;
  return rate * static_cast<double>(StepsDone() + 1) / static_cast<double>(schedule.warmup_steps);
}

void StageRun::LogValidation(const NamedValues& metrics) const {
  std::ostringstream line;
  line << std::fixed << std::setprecision(1) << stage_.name << "  epoch " << position_.epoch + 1
       << " validation, mm:";
  for (const auto& [name, value] : metrics) line << "  " << name << " " << value;
  if (!metrics.empty()) LogInfo(line.str());
}

void StageRun::EndEpoch(Progress& progress) {
  NamedValues values = step_.meter().Means(Where());
  const NamedValues losses = values;
  if (stage_.validate) {
    const NamedValues metrics = stage_.validate();
    values.insert(values.end(), metrics.begin(), metrics.end());
    LogValidation(metrics);
  }
  values.emplace_back("learning_rate", step_.learning_rate());
  ++position_.epoch;
  position_.step = 0;
  run_.log.Write(stage_.name, StepsDone(), position_.epoch, values);
  progress.Update(StepsDone(), position_.epoch, stage_.schedule.epochs, losses);
  position_.finished = position_.epoch == stage_.schedule.epochs;
  Save();
}

StageResult StageRun::Stop(Progress& progress) {
  if (position_.step > 0) {  // otherwise the end of the epoch has saved it
    step_.meter().Means(Where());
    Save();
  }
  progress.Hide();
  LogWarning(Concat("stopped in ", Where(), ", step ", position_.step, ": --resume goes on from there"));
  return StageResult::kInterrupted;
}

StageResult StageRun::Train() {
  Restore();
  if (position_.finished) {
    LogInfo(Concat("stage ", stage_.name, ": already trained, ", stage_.schedule.epochs, " epochs"));
    return StageResult::kFinished;
  }
  const int64_t epochs = stage_.schedule.epochs;
  Progress progress(stage_.name, epochs * steps_per_epoch_, stage_.schedule.StepPoses());
  progress.Update(StepsDone(), position_.epoch + 1, epochs, {});
  while (position_.epoch < epochs) {
    StartEpoch();
    while (position_.step < steps_per_epoch_) {
      step_.SetLearningRate(LearningRate());
      step_.Run();
      ++position_.step;
      if (StopRequested() && position_.step < steps_per_epoch_) return Stop(progress);
      if (progress.Due())
        progress.Update(StepsDone(), position_.epoch + 1, epochs, step_.meter().Means(Where()));
      const std::chrono::duration<double> since_saved = Clock::now() - saved_;
      if (run_.data.config.checkpoint_seconds > 0 && position_.step < steps_per_epoch_ &&
          since_saved.count() > static_cast<double>(run_.data.config.checkpoint_seconds)) {
        step_.meter().Means(Where());
        Save();
      }
    }
    EndEpoch(progress);
    if (StopRequested() && !position_.finished) return Stop(progress);
  }
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

NamedTensors Stage::State() const {
  NamedTensors all;
  for (const auto& [prefix, module] : modules) {
    for (const auto& item : module->named_parameters())
      all.emplace_back(prefix + "." + item.key(), item.value());
    for (const auto& item : module->named_buffers())
      all.emplace_back(prefix + "." + item.key(), item.value());
  }
  return all;
}

StageResult TrainStage(const Stage& stage, RunContext& run) {
  return StageRun(stage, run).Train();
}

}  // namespace links
