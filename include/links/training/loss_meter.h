#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

#include "links/loss/named_terms.h"
#include "links/training/adam.h"

namespace links {

/// Sums a stage's loss terms on the device, those of each run; nothing reaches the host until they are read.
class LossMeter {
 public:
  explicit LossMeter(torch::Device device, int64_t runs = 1) : device_(device), runs_(runs) {}

  /// Forgets everything; the next Add is step 1.
  void Start();
  void Add(const StepLoss& loss);

  /// A run's means since the last Start, total first. Throws Error with the step and the name of the first
  /// term that was not finite; `where` names stage and epoch. Synchronises with the device.
  std::vector<std::pair<std::string, double>> Means(const std::string& where, int64_t run = 0) const;

  /// The sums of a run, to be stored or restored in place; defined after PrepareState.
  NamedTensors State(int64_t run = 0) const;
  /// Allocates the sums of so many terms, unless that is done.
  void PrepareState(int64_t terms);
  int64_t terms() const { return sums_.defined() ? sums_.size(1) : 0; }

 private:
  torch::Device device_;
  int64_t runs_;
  std::vector<std::string> names_;
  torch::Tensor sums_;       // (R, T) float64
  torch::Tensor count_;      // 0-dimensional float64: steps summed
  torch::Tensor first_bad_;  // (R, T) float64: the first step (from 0) in which a term was not finite, or -1
};

}  // namespace links
