#pragma once

#include <torch/types.h>

#include "links/flow/coupling.h"

namespace links {

// The couplings of N flows in float32 on a CPU: some rows at a time, each on one thread and in its core's
// cache from the network's outputs to what the next block sees. Tensors as in coupling.h, without the runs of
// an ensemble; those that are written are contiguous.

/// z and log_det (N, B, 1) of CoupleAndTurn.
void CoupleOnCpu(const CouplingInputs& inputs, const SoftClamp& clamp, torch::Tensor& z,
                 torch::Tensor& log_det);

/// Gradients from those of z and log_det; what is undefined is not needed.
struct CouplingGradients {
  torch::Tensor of_z, of_log_det;
  torch::Tensor of_x, of_outputs;        ///< out
  torch::Tensor of_factors, of_offsets;  ///< out, both or none
};
void CoupleBackwardOnCpu(const CouplingInputs& inputs, const SoftClamp& clamp, CouplingGradients& gradients);

/// x of Uncouple.
void UncoupleOnCpu(const torch::Tensor& y, const torch::Tensor& outputs, const SoftClamp& clamp,
                   torch::Tensor& x);

}  // namespace links
