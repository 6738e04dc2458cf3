#pragma once

#include <torch/types.h>

namespace links {

/// The log scale of a coupling from the raw output o of its network: bound * tanh(gain * o / divisor).
struct SoftClamp {
  double gain;  ///< of all outputs of the network, the shift too
  double bound;
  double divisor;
};

/// What a coupling is made of, for N flows. "..." is R of an ensemble (network/ensemble.h).
struct CouplingInputs {
  torch::Tensor x;        ///< (N, ..., B, D): the passive channels, then the A active ones
  torch::Tensor outputs;  ///< of the network, (N, ..., B, 2 A): raw log scales, raw shifts
  torch::Tensor factors;  ///< of what follows the coupling, (N, ..., D, D)
  torch::Tensor offsets;  ///< (N, ..., 1, D)
  torch::Tensor used;     ///< the active channels that a flow has, (N, ..., 1, A), 1 or 0
};

struct Coupling {
  torch::Tensor z;  ///< (N, ..., B, D)
  /// Of the coupling alone, nats: its sum over the last dimension, (N, ..., B, A or 1).
  torch::Tensor log_det;
};

/// y = [x passive, x active * exp(log scale) + shift], z = y factors + offsets.
Coupling CoupleAndTurn(const CouplingInputs& inputs, const SoftClamp& clamp);

/// x of y = [x passive, x active * exp(log scale) + shift]. y: (N, ..., B, D).
torch::Tensor Uncouple(const torch::Tensor& y, const torch::Tensor& outputs, const SoftClamp& clamp);

}  // namespace links
