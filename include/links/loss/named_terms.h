#pragma once

#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

namespace links {

/// The terms of a step's loss in a fixed order, on the device, before their weights: each 0-dimensional, of
/// an ensemble (R).
using NamedTerms = std::vector<std::pair<std::string, torch::Tensor>>;

/// What a step returns: the weighted sum to descend on, 0-dimensional, of an ensemble (R), and its terms for
/// the log.
struct StepLoss {
  torch::Tensor total;
  NamedTerms terms;
};

}  // namespace links
