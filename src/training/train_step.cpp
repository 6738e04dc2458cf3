#include "links/training/train_step.h"

#include <torch/torch.h>

namespace links {

TrainStep::TrainStep(const Stage& stage, const torch::Tensor& poses, torch::Device device, bool cuda_graph)
    : stage_(stage),
      batcher_(stage.rows.defined() ? stage.rows : poses, stage.schedule.StepPoses(), device),
      adam_(stage.Parameters(), {.weight_decay = stage.schedule.weight_decay}),
      meter_(device),
      learning_rate_(torch::zeros({}, torch::TensorOptions(torch::kFloat32).device(device))),
      compute_([this] { Compute(); }, device, cuda_graph) {
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
  const StepLoss loss = stage_.loss(batcher_.Next());
  loss.total.backward();
  if (stage_.schedule.gradient_clip > 0) adam_.ClipGradients(stage_.schedule.gradient_clip);
  adam_.Step(learning_rate_);
  meter_.Add(loss);
}

}  // namespace links
