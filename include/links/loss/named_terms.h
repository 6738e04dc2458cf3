#pragma once

#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

namespace links {

/// The terms of a step's loss in a fixed order, each a 0-dimensional tensor on the device, before its weight.
using NamedTerms = std::vector<std::pair<std::string, torch::Tensor>>;

/// What a step returns: the weighted sum to descend on, and its terms for the log.
struct StepLoss {
  torch::Tensor total;
  NamedTerms terms;
};

}  // namespace links
