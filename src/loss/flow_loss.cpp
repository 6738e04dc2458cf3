#include "links/loss/flow_loss.h"

#include <torch/types.h>

#include <string>

#include "links/core/error.h"
#include "links/geometry/shapes.h"

namespace links {

// Eq. 4.
StepLoss FlowLoss(PoseFlows& flows, const std::vector<Segment>& segments, const torch::Tensor& real,
                  const torch::Tensor& sampled) {
  std::vector<const char*> kinds = {"nll_real"};
  if (sampled.defined()) {
    if (sampled.sizes() != real.sizes())
      throw Error("expected sampled poses of the real ones' shape ", real.sizes(), ", found ",
                  sampled.sizes());
    kinds.push_back("nll_sampled");
  }
  const torch::Tensor poses = sampled.defined() ? torch::cat({real, sampled}, -3) : real;
  const auto count = static_cast<int64_t>(kinds.size());
  // One pass for both kinds: (S, ..., 2).
  const torch::Tensor nats =
      flows->NegativeLogLikelihood(segments, poses).unflatten(-1, {count, -1}).mean(-1);
  StepLoss loss{SumInOrder(torch::cat(nats.unbind(-1))), {}};
  for (size_t i = 0; i < segments.size(); ++i) {
    for (int64_t kind = 0; kind < count; ++kind) {
      loss.terms.emplace_back(std::string(SegmentName(segments[i])) + "/" + kinds[kind],
                              nats.detach()[static_cast<int64_t>(i)].select(-1, kind));
    }
  }
  return loss;
}

}  // namespace links
