#pragma once

#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

#include "links/run/checkpoint.h"

namespace links {

struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
};

/// Adam over all parameters in one fused call, as torch::optim::Adam computes it. Parameters, gradients and
/// moments each lie one after the other in one tensor; learning rate and step count are tensors on the
/// device: a step needs nothing from the host. A parameter that the loss does not reach (the elevation's path
/// when elevations are fixed) has gradient 0.
class Adam {
 public:
  /// modules: the parameters of each module. They move to memory of the optimiser's, where their values and
  /// gradients stay as long as anyone uses them.
  Adam(const std::vector<NamedTensors>& modules, const AdamOptions& options);

  /// Sets all gradients to 0.
  void ZeroGrad();
  /// Scales the gradients of each network so that their norm is at most `max_norm`. Networks that lie side by
  /// side in a module (the first dimension of all its parameters) are scaled each by itself.
  void ClipGradNorm(double max_norm);
  /// One step. learning_rate: 0-dimensional float32 tensor on the device.
  void Step(const torch::Tensor& learning_rate);

  /// The moments under the parameters' names and the number of steps, to be stored or restored in place: of
  /// all networks, or of those of one of the runs that lie side by side (network/ensemble.h).
  NamedTensors State(int64_t run = 0, int64_t runs = 1) const;

  /// All parameters, one after the other, and how many steps there were (0-dimensional), on the device.
  torch::Tensor& values() { return values_; }
  const torch::Tensor& steps() const { return step_; }
  /// A tensor like values() in its parts, each under `prefix` and its parameter's name; of runs as State.
  NamedTensors Named(const std::string& prefix, const torch::Tensor& flat, int64_t run, int64_t runs) const;

 private:
  // The part of a flat tensor that belongs to parameter i, in its shape.
  torch::Tensor Part(const torch::Tensor& flat, size_t i) const;

  AdamOptions options_;
  std::vector<size_t> module_sizes_;  // how many parameters each module has
  std::vector<std::string> names_;
  std::vector<torch::Tensor> parameters_;
  std::vector<int64_t> offsets_;
  torch::Tensor values_, gradients_, first_moments_, second_moments_;  // flat
  torch::Tensor step_;
};

}  // namespace links
