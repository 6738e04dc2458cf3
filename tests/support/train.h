#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <functional>

#include "links/training/adam.h"

namespace links::test {

inline NamedTensors NamedParameters(const torch::nn::Module& module) {
  NamedTensors named;
  for (const auto& item : module.named_parameters()) named.emplace_back(item.key(), item.value());
  return named;
}

/// Steps of Adam with weight decay on `loss`.
inline void Train(const torch::nn::Module& module, int steps, const std::function<torch::Tensor()>& loss) {
  Adam adam({NamedParameters(module)}, {.weight_decay = 0.01});
  for (int step = 0; step < steps; ++step) {
    adam.ZeroGrad();
    loss().backward();
    adam.Step(torch::scalar_tensor(0.01));
  }
}

}  // namespace links::test
