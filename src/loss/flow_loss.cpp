#include "links/loss/flow_loss.h"

#include <torch/torch.h>

#include <string>

#include "links/dataset/runs.h"
#include "links/geometry/shapes.h"

namespace links {

// Eq. 4.
StepLoss FlowLoss(PoseFlows& flows, const std::vector<Segment>& segments, const torch::Tensor& real,
                  const torch::Tensor& sampled) {
  std::vector<const char*> kinds = {"nll_real"};
  if (sampled.defined()) {
    CheckShape(sampled, {real.size(0), kJoints, 2}, "sampled poses");
    kinds.push_back("nll_sampled");
  }
  const int64_t runs = flows->runs();
  const torch::Tensor poses = sampled.defined() ? AppendByRun(real, sampled, runs) : real;
  const auto count = static_cast<int64_t>(kinds.size());
  // One pass for both kinds: (S, R, 2).
  const torch::Tensor nats =
      flows->NegativeLogLikelihood(segments, poses).unflatten(1, {runs, count, -1}).mean(-1);
  StepLoss loss{nats.sum(torch::IntArrayRef({0, 2})), {}};
  for (size_t i = 0; i < segments.size(); ++i) {
    for (int64_t kind = 0; kind < count; ++kind) {
      loss.terms.emplace_back(std::string(SegmentName(segments[i])) + "/" + kinds[kind],
                              nats.detach()[static_cast<int64_t>(i)].select(1, kind));
    }
  }
  return loss;
}

}  // namespace links
