#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

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

}  // namespace links::test
