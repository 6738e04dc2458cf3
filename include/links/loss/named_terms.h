#pragma once

#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

namespace links {

/// The terms of a step's loss in a fixed order, each of R runs, (R) on the device, before its weight.
using NamedTerms = std::vector<std::pair<std::string, torch::Tensor>>;

/// What a step returns: for each of R runs the weighted sum to descend on, (R), and its terms for the log.
struct StepLoss {
  torch::Tensor total;
  NamedTerms terms;
};

}  // namespace links
