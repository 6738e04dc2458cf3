#pragma once

#include <torch/types.h>

#include <future>
#include <vector>

#include "links/dataset/batcher.h"
#include "links/dataset/random_streams.h"
#include "links/device/captured_work.h"
#include "links/training/adam.h"
#include "links/training/loss_meter.h"
#include "links/training/stage.h"
#include "links/training/weight_average.h"

namespace links {

/// One step of a stage: batch, loss, gradient, Adam, sums of the losses. The stage's networks are trained
/// while it lives, and frozen afterwards. Everything random comes from a generator of each run's.
class TrainStep {
 public:
  /// poses: (N, 17, 2) what batches are drawn from when the stage has no rows of its own.
  /// cuda_graph: capture the step on a GPU (CapturedWork).
  TrainStep(const Stage& stage, const torch::Tensor& poses, torch::Device device, bool cuda_graph = true);
  ~TrainStep();
  TrainStep(const TrainStep&) = delete;
  TrainStep& operator=(const TrainStep&) = delete;

  /// Starts an epoch at one of its steps: what is random in it depends on each run's seed. next: the seeds of
  /// the epoch after it, whose order a thread then draws while the device works on this one; may be empty.
  void StartEpoch(const std::vector<uint64_t>& seeds, int64_t step = 0,
                  const std::vector<uint64_t>& next = {});
  /// Sets the learning rate of the steps to come.
  void SetLearningRate(double rate);
  void Run();

  double learning_rate() const { return rate_; }
  const Batcher& batcher() const { return batcher_; }
  const RandomStreams& streams() const { return streams_; }
  const Adam& adam() const { return adam_; }
  WeightAverage& average() { return average_; }
  const WeightAverage& average() const { return average_; }
  LossMeter& meter() { return meter_; }
  const LossMeter& meter() const { return meter_; }
  bool captured() const { return compute_.captured(); }

 private:
  // What the device does.
  void Compute();

  // The order of an epoch, from generators of the CPU.
  torch::Tensor OrderOf(const std::vector<uint64_t>& seeds) const;

  // The parameters of the stage require gradients, or no longer.
  void SetTrained(bool trained);

  Stage stage_;
  RandomStreams streams_;
  Batcher batcher_;
  Adam adam_;
  WeightAverage average_;
  LossMeter meter_;
  double rate_ = 0;
  torch::Tensor learning_rate_;  // rate_ on the device
  CapturedWork compute_;
  std::vector<uint64_t> next_seeds_;
  std::future<torch::Tensor> next_order_;  // of next_seeds_
};

}  // namespace links
