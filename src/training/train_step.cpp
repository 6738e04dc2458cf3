#include "links/training/train_step.h"

#include <torch/types.h>

#include "links/run/networks.h"

namespace links {
namespace {

void Seed(RandomStreams& streams, const std::vector<uint64_t>& seeds) {
  for (int64_t run = 0; run < streams.runs(); ++run) streams.Seed(run, seeds.at(static_cast<size_t>(run)));
}

}  // namespace

TrainStep::TrainStep(const Stage& stage, const torch::Tensor& poses, torch::Device device, bool cuda_graph)
    : stage_(stage),
      streams_(stage.runs(), device),
      batcher_(stage.rows.defined() ? stage.rows : poses, stage.schedule.StepPoses(), device, stage.runs(),
               /*window=*/256, stage.pools),
      adam_(stage.Parameters(), {.weight_decay = stage.schedule.weight_decay}),
      average_(adam_, stage.schedule.weight_average),
      meter_(device, stage.runs()),
      learning_rate_(torch::zeros({}, torch::TensorOptions(torch::kFloat32).device(device))),
      compute_([this] { Compute(); }, device, cuda_graph, streams_.generators()) {
  // Adam has moved the parameters.
  for (size_t run = 0; run < stage.of_runs.size(); ++run) {
    for (size_t i = 0; i < stage.modules.size(); ++i) {
      ForEachShared(*stage.of_runs[run][i].second, *stage.modules[i].second, static_cast<int64_t>(run),
                    [](const torch::Tensor& own, const torch::Tensor& part) { own.set_data(part); });
    }
  }
  SetTrained(true);
}

TrainStep::~TrainStep() {
  SetTrained(false);
}

void TrainStep::SetTrained(bool trained) {
  for (const auto& [name, module] : stage_.modules) {
    for (torch::Tensor& parameter : module->parameters()) {
      parameter.requires_grad_(trained);
      if (!trained) parameter.mutable_grad().reset();
    }
  }
}

torch::Tensor TrainStep::OrderOf(const std::vector<uint64_t>& seeds) const {
  RandomStreams on_host(stage_.runs(), torch::kCPU);
  Seed(on_host, seeds);
  const torch::Tensor order = batcher_.DrawOrder(on_host);
  // Where it goes to a GPU, from memory that need not be waited for.
  return learning_rate_.is_cuda() && !batcher_.staged() ? order.pin_memory() : order;
}

void TrainStep::StartEpoch(const std::vector<uint64_t>& seeds, int64_t step,
                           const std::vector<uint64_t>& next) {
  Seed(streams_, seeds);
  if (learning_rate_.is_cpu()) {
    batcher_.Shuffle(streams_, step);  // the noise goes on where the order ended
    return;
  }
  torch::Tensor order;
  if (next_order_.valid()) order = next_order_.get();
  batcher_.Start(order.defined() && next_seeds_ == seeds ? order : OrderOf(seeds), step);
  next_seeds_ = next;
  if (!next.empty()) next_order_ = std::async(std::launch::async, [this, next] { return OrderOf(next); });
}

void TrainStep::SetLearningRate(double rate) {
  if (rate == rate_) return;
  rate_ = rate;
  learning_rate_.fill_(rate);
}

void TrainStep::Run() {
  batcher_.Prepare();
  compute_.Run();
}

void TrainStep::Compute() {
  adam_.ZeroGrad();
  const StepLoss loss = stage_.loss(batcher_.Next(), streams_);
  loss.total.sum().backward();
  if (stage_.schedule.max_grad_norm > 0) adam_.ClipGradNorm(stage_.schedule.max_grad_norm);
  adam_.Step(learning_rate_);
  average_.Update();
  meter_.Add(loss);
}

}  // namespace links
