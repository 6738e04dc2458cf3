#pragma once

#include <torch/types.h>

#include "links/training/adam.h"

namespace links {

/// Exponential moving average of the weights that Adam trains, one update a step, on the device: as
/// torch.optim.swa_utils' AveragedModel with get_ema_multi_avg_fn, but for the decay, which is at most
/// (1 + step) / (10 + step), so that the first weights are soon forgotten.
class WeightAverage {
 public:
  /// decay: of the average, in [0, 1); 0 = there is none, and nothing here does anything. The optimiser must
  /// outlive it.
  WeightAverage(Adam& adam, double decay);

  void Update();
  /// Puts the average where the weights are, and the weights where the average was; again, and all is back.
  void Exchange();
  /// The average under the parameters' names, to be stored or restored in place, as Adam::State.
  NamedTensors State(int64_t run = 0, int64_t runs = 1) const;

 private:
  Adam& adam_;
  double decay_;
  torch::Tensor average_;  // flat, as the optimiser's values
};

}  // namespace links
