#include <ATen/Context.h>
#include <torch/torch.h>

#include <chrono>
#include <filesystem>
#include <iomanip>
#include <sstream>

#include "links/config/config.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/dataset/batcher.h"
#include "links/monitor/progress.h"
#include "links/training/checkpoint.h"
#include "links/training/loss_meter.h"
#include "links/training/networks.h"
#include "links/training/stage.h"

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
        device_(run.poses.device()),
        path_(run.directory.CheckpointPath(stage.name)),
        batcher_(stage.rows.defined() ? stage.rows : run.poses, stage.schedule.batch),
        adam_(stage.Parameters(), {.weight_decay = stage.schedule.weight_decay}),
        meter_(device_),
        learning_rate_(torch::zeros({}, run.poses.options())) {
    steps_per_epoch_ = batcher_.steps_per_epoch();
    if (stage.schedule.steps_per_epoch > 0) {
      steps_per_epoch_ = std::min(steps_per_epoch_, stage.schedule.steps_per_epoch);
    }
  }

  StageResult Train();

 private:
  void Restore();
  void Save();
  void StartEpoch();
  void Step();
  void EndEpoch(Progress& progress);
  void LogValidation(const NamedValues& metrics) const;
  StageResult Stop(Progress& progress);
  void SetLearningRate();
  NamedTensors Tensors() const;
  std::string Where() const { return Concat("stage ", stage_.name, ", epoch ", position_.epoch + 1); }
  int64_t StepsDone() const { return position_.epoch * steps_per_epoch_ + position_.step; }

  const Stage& stage_;
  RunContext& run_;
  torch::Device device_;
  std::string path_;
  Batcher batcher_;
  Adam adam_;
  LossMeter meter_;
  torch::Tensor learning_rate_;
  int64_t steps_per_epoch_ = 0;
  StagePosition position_;
  torch::Tensor generator_state_;  // to be restored when an epoch is continued
  Clock::time_point saved_ = Clock::now();
};

NamedTensors StageRun::Tensors() const {
  NamedTensors all;
  for (const auto& [name, tensor] : stage_.State()) all.emplace_back("networks." + name, tensor);
  for (const auto& [name, tensor] : adam_.State()) all.emplace_back("optimizer." + name, tensor);
  return all;
}

void StageRun::Restore() {
  if (!std::filesystem::exists(path_)) return;
  const CheckpointHeader header = ReadCheckpoint(path_, Tensors());
  position_ = header.position;
  if (position_.step == 0) return;
  torch::Tensor terms = torch::zeros({}, torch::kInt64), state_size = torch::zeros({}, torch::kInt64);
  ReadCheckpoint(path_, {{"epoch_state.terms", terms}, {"epoch_state.generator_size", state_size}});
  meter_.PrepareState(terms.item<int64_t>());
  generator_state_ = torch::zeros({state_size.item<int64_t>()}, torch::kUInt8);
  NamedTensors epoch_state = {{"epoch_state.generator", generator_state_}};
  for (const auto& [name, tensor] : meter_.State())
    epoch_state.emplace_back("epoch_state.losses." + name, tensor);
  ReadCheckpoint(path_, epoch_state);
}

void StageRun::Save() {
  NamedTensors tensors = Tensors();
  if (position_.step > 0) {
    // Within an epoch: where its random numbers and its sums stand.
    const torch::Tensor state = DefaultGenerator(device_).get_state();
    tensors.emplace_back("epoch_state.terms", torch::scalar_tensor(meter_.terms(), torch::kInt64));
    tensors.emplace_back("epoch_state.generator_size", torch::scalar_tensor(state.numel(), torch::kInt64));
    tensors.emplace_back("epoch_state.generator", state);
    for (const auto& [name, tensor] : meter_.State())
      tensors.emplace_back("epoch_state.losses." + name, tensor);
  }
  WriteCheckpoint(path_, {stage_.name, position_, run_.normalisation, WriteConfig(run_.config)}, tensors);
  saved_ = Clock::now();
}

void StageRun::StartEpoch() {
  // An epoch's randomness depends on seed, stage and epoch alone, so that a checkpoint between epochs needs
  // none.
  torch::manual_seed(DeriveSeed(run_.config.seed, stage_.name, position_.epoch));
  batcher_.Shuffle();
  if (position_.step == 0) {
    meter_.Start();
  } else {
    DefaultGenerator(device_).set_state(generator_state_);
  }
}

void StageRun::SetLearningRate() {
  const ScheduleOptions& schedule = stage_.schedule;
  double rate = schedule.learning_rate * std::pow(schedule.decay, static_cast<double>(position_.epoch));
  if (StepsDone() < schedule.warmup_steps) {
    rate *= static_cast<double>(StepsDone() + 1) / static_cast<double>(schedule.warmup_steps);
  }
  learning_rate_.fill_(rate);
}

void StageRun::Step() {
  SetLearningRate();
  adam_.ZeroGrad();
  const StepLoss loss = stage_.loss(batcher_.Batch(position_.step));
  loss.total.backward();
  if (stage_.schedule.gradient_clip > 0) adam_.ClipGradients(stage_.schedule.gradient_clip);
  adam_.Step(learning_rate_);
  meter_.Add(loss);
  ++position_.step;
}

void StageRun::LogValidation(const NamedValues& metrics) const {
  std::ostringstream line;
  line << std::fixed << std::setprecision(1) << stage_.name << "  epoch " << position_.epoch + 1
       << " validation, mm:";
  for (const auto& [name, value] : metrics) line << "  " << name << " " << value;
  if (!metrics.empty()) LogInfo(line.str());
}

void StageRun::EndEpoch(Progress& progress) {
  NamedValues values = meter_.Means(Where());
  const NamedValues losses = values;
  if (stage_.validate) {
    const NamedValues metrics = stage_.validate();
    values.insert(values.end(), metrics.begin(), metrics.end());
    LogValidation(metrics);
  }
  values.emplace_back("learning_rate", learning_rate_.item<double>());
  ++position_.epoch;
  position_.step = 0;
  run_.log.Write(stage_.name, StepsDone(), position_.epoch, values);
  progress.Update(StepsDone(), position_.epoch, stage_.schedule.epochs, losses);
  position_.finished = position_.epoch == stage_.schedule.epochs;
  Save();
}

StageResult StageRun::Stop(Progress& progress) {
  if (position_.step > 0) {  // otherwise the end of the epoch has saved it
    meter_.Means(Where());
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
  Progress progress(stage_.name, epochs * steps_per_epoch_, stage_.schedule.batch);
  progress.Update(StepsDone(), position_.epoch + 1, epochs, {});
  while (position_.epoch < epochs) {
    StartEpoch();
    while (position_.step < steps_per_epoch_) {
      Step();
      if (StopRequested() && position_.step < steps_per_epoch_) return Stop(progress);
      if (progress.Due()) progress.Update(StepsDone(), position_.epoch + 1, epochs, meter_.Means(Where()));
      const std::chrono::duration<double> since_saved = Clock::now() - saved_;
      if (run_.config.checkpoint_seconds > 0 && position_.step < steps_per_epoch_ &&
          since_saved.count() > static_cast<double>(run_.config.checkpoint_seconds)) {
        meter_.Means(Where());
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
  const auto for_each_parameter = [&](auto&& act) {
    for (const auto& [name, module] : stage.modules) {
      for (torch::Tensor& parameter : module->parameters()) act(parameter);
    }
  };
  for_each_parameter([](torch::Tensor& parameter) { parameter.requires_grad_(true); });
  const StageResult result = StageRun(stage, run).Train();
  for_each_parameter([](torch::Tensor& parameter) {
    parameter.requires_grad_(false);
    parameter.mutable_grad().reset();
  });
  return result;
}

}  // namespace links
