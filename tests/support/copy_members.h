#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <string>
#include <vector>

#include "links/network/ensemble.h"

namespace links::test {

/// Copies networks of a stack, by their places, into one of that many networks with the same columns.
inline void CopyMembers(const torch::nn::Module& stack, const std::vector<int64_t>& members,
                        torch::nn::Module& target) {
  const torch::NoGradGuard no_grad;
  const auto values = stack.named_parameters();
  for (const auto& item : target.named_parameters()) {
    torch::Tensor own = item.value();
    own.set_data(values[item.key()].index_select(0, torch::tensor(members)).detach().clone());
  }
}

/// Copies the networks of one run of an ensemble into those of a single run.
inline void CopyRun(const torch::nn::Module& ensemble, int64_t run, torch::nn::Module& target) {
  const torch::NoGradGuard no_grad;
  const auto copy = [&](const auto& own, const auto& all) {
    for (const auto& item : own) {
      const torch::Tensor& stacked = all[item.key()];
      const torch::Tensor& value = item.value();
      value.copy_(stacked.sizes() == value.sizes() ? stacked : OfRun(stacked, run));
    }
  };
  copy(target.named_parameters(), ensemble.named_parameters());
  copy(target.named_buffers(), ensemble.named_buffers());
}

}  // namespace links::test
