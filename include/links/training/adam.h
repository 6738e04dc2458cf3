#pragma once

#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

namespace links {

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
};

/// Adam over all parameters in one fused call, as torch::optim::Adam computes it. Learning rate and step
/// count are tensors on the device: a step needs nothing from the host. A parameter that the loss does not
/// reach (the elevation's path when elevations are fixed) has gradient 0.
class Adam {
 public:
  /// networks: the parameters of each network.
  Adam(const std::vector<NamedTensors>& networks, const AdamOptions& options);

  /// Sets all gradients to nothing.
  void ZeroGrad();
  /// Scales the gradients of each network so that their norm is at most `max_norm`.
  void ClipGradients(double max_norm);
  /// One step. learning_rate: 0-dimensional float32 tensor on the device.
  void Step(const torch::Tensor& learning_rate);

  /// The moments under the parameters' names and the number of steps, to be stored or restored in place.
  NamedTensors State() const;

 private:
  std::vector<torch::Tensor> Gradients() const;

  AdamOptions options_;
  std::vector<size_t> network_sizes_;  // how many parameters each network has
  std::vector<std::string> names_;
  std::vector<torch::Tensor> parameters_, first_moments_, second_moments_;
  torch::Tensor step_;
};

}  // namespace links
