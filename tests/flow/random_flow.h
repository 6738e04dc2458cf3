#pragma once

#include <torch/torch.h>

#include <cmath>

#include "links/flow/pose_flows.h"

namespace links::test {

/// Moves a flow far from its start, in double precision: every parameter changes at random, so that nothing
/// stays at a value that hides it (scale 1, offset 0), and a standardisation is fitted when the options ask
/// for one. The rotations, drawn in single precision, become orthogonal to the last bit.
inline void Randomise(RealNvp& flow) {
  const torch::NoGradGuard no_grad;
  flow->to(torch::kFloat64);
  for (torch::Tensor& parameter : flow->parameters()) {
    const double deviation = parameter.dim() == 2 ? 2 / std::sqrt(parameter.size(1)) : 0.7;
    parameter.add_(deviation * torch::randn_like(parameter));
  }
  for (const auto& buffer : flow->named_buffers()) {
    if (!buffer.key().ends_with("rotation")) continue;
    const auto [u, s, vh] = torch::linalg_svd(buffer.value());
    torch::Tensor(buffer.value()).copy_(u.mm(vh));
  }
  const int64_t columns = flow->dimensions();
  const torch::TensorOptions real = torch::kFloat64;
  flow->Fit(torch::randn({500, columns}, real) * (0.5 + torch::rand({columns}, real)) +
            torch::randn({columns}, real));
}

inline RealNvp RandomFlow(int64_t dimensions, const FlowOptions& options) {
  RealNvp flow(dimensions, options);
  Randomise(flow);
  return flow;
}

}  // namespace links::test
