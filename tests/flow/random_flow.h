#pragma once

#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "flow/own_flow.h"
#include "links/flow/pose_flows.h"

namespace links::test {

/// Moves flows far from their start, in double precision: every parameter that a flow uses changes at random,
/// so that nothing stays at a value that hides it (scale 1, offset 0), and a standardisation is fitted when
/// the options ask for one. The rotations, drawn in single precision, become orthogonal to the last bit.
inline void Randomise(RealNvp& flow) {
  const torch::NoGradGuard no_grad;
  flow->to(torch::kFloat64);
  const torch::Tensor used = flow->layout().used.unsqueeze(1);
  for (const auto& parameter : flow->named_parameters()) {
    torch::Tensor values = parameter.value();
    const bool weight = parameter.key().ends_with(".weight"),
               layer = weight || parameter.key().ends_with(".bias");
    const double deviation = weight ? 2 / std::sqrt(values.size(2)) : 0.7;
    values.add_(deviation * torch::randn_like(values) * (layer ? values.ne(0) : used));
  }
  for (const auto& buffer : flow->named_buffers()) {
    if (!buffer.key().ends_with("permutation")) continue;
    // Padding added as an identity keeps to itself.
    const torch::Tensor padding = torch::diag_embed(used.squeeze(1).logical_not().to(torch::kFloat64));
    const auto [u, s, vh] = torch::linalg_svd(buffer.value() + padding);
    torch::Tensor(buffer.value()).copy_(u.bmm(vh) * used * used.transpose(1, 2));
  }
  MakeConstantExact(flow);
  const int64_t stack = used.size(0), columns = used.size(2);
  const torch::TensorOptions real = torch::kFloat64;
  flow->Fit((torch::randn({stack, 500, columns}, real) * (0.5 + torch::rand({stack, 1, columns}, real)) +
             torch::randn({stack, 1, columns}, real)) *
            used);
}

inline RealNvp RandomFlow(int64_t dimensions, const FlowOptions& options) {
  RealNvp flow(dimensions, options);
  Randomise(flow);
  return flow;
}

}  // namespace links::test
