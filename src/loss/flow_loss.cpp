#include "links/loss/flow_loss.h"

#include <torch/torch.h>

#include <string>

namespace links {

StepLoss FlowLoss(PoseFlows& flows, const std::vector<Segment>& segments, const torch::Tensor& real,
                  const torch::Tensor& sampled) {
  StepLoss loss{torch::zeros({}, real.options()), {}};
  const auto add = [&](Segment segment, const torch::Tensor& poses, const char* kind) {
    const torch::Tensor nll = flows->NegativeLogLikelihood(segment, poses).mean();
    loss.total = loss.total + nll;
    loss.terms.emplace_back(std::string(SegmentName(segment)) + "/" + kind, nll.detach());
  };
  for (Segment segment : segments) {
    add(segment, real, "nll_real");
    if (sampled.defined()) add(segment, sampled, "nll_sampled");
  }
  return loss;
}

}  // namespace links
