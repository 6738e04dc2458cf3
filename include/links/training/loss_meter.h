#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

#include "links/loss/named_terms.h"
#include "links/training/adam.h"

namespace links {

/// Sums a stage's loss terms on the device; nothing reaches the host until they are read.
class LossMeter {
 public:
  explicit LossMeter(torch::Device device) : device_(device) {}

  /// Forgets everything; the next Add is step 1.
  void Start();
  void Add(const StepLoss& loss);

  /// Means since the last Start, total first. Throws Error with the step and the name of the first term that
  /// was not finite; `where` names stage and epoch. Synchronises with the device.
  std::vector<std::pair<std::string, double>> Means(const std::string& where) const;

  /// The sums, to be stored or restored in place; defined after PrepareState.
  NamedTensors State() const;
  void PrepareState(int64_t terms);
  int64_t terms() const { return sums_.defined() ? sums_.size(0) : 0; }

 private:
  torch::Device device_;
  std::vector<std::string> names_;
  torch::Tensor sums_;       // (T) float64
  torch::Tensor count_;      // 0-dimensional float64: steps summed
  torch::Tensor first_bad_;  // (T) float64: the first step (from 0) in which a term was not finite, or -1
};

}  // namespace links
