#pragma once

#include <torch/types.h>

#include <vector>

#include "links/flow/pose_flows.h"
#include "links/loss/named_terms.h"

namespace links {

/// Eq. 4: for each of the flows NLL(real) + NLL(sampled), nats, batch means. real, sampled: (..., B, 17,
/// 2) normalised, or (S, ..., B, 17, 2), one batch for each flow; `sampled` undefined leaves its part out.
StepLoss FlowLoss(PoseFlows& flows, const std::vector<Segment>& segments, const torch::Tensor& real,
                  const torch::Tensor& sampled);

}  // namespace links
