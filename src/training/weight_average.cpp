#include "links/training/weight_average.h"

#include <torch/types.h>
#include <torch/utils.h>

namespace links {

WeightAverage::WeightAverage(Adam& adam, double decay) : adam_(adam), decay_(decay) {
  if (decay_ > 0) average_ = adam_.values().clone();
}

void WeightAverage::Update() {
  if (!average_.defined()) return;
  const torch::NoGradGuard no_grad;
  const torch::Tensor& step = adam_.steps();
  average_.lerp_(adam_.values(), 1 - ((1 + step) / (10 + step)).clamp_max(decay_));
}

void WeightAverage::Exchange() {
  if (!average_.defined()) return;
  const torch::NoGradGuard no_grad;
  const torch::Tensor weights = adam_.values().clone();
  adam_.values().copy_(average_);
  average_.copy_(weights);
}

NamedTensors WeightAverage::State(int64_t run, int64_t runs) const {
  return average_.defined() ? adam_.Named("average.", average_, run, runs) : NamedTensors();
}

}  // namespace links
