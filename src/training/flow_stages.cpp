#include <torch/torch.h>

#include "links/loss/flow_loss.h"
#include "stages.h"

namespace links {
namespace {

// Poses from which principal components and standardisation are taken.
constexpr int64_t kFitPoses = 1 << 20;

// Dequantisation: Gaussian noise on every joint but the root.
torch::Tensor AddNoise(const torch::Tensor& poses, double deviation, const Draws& draws) {
  if (deviation == 0) return poses;
  const torch::Tensor body = poses.narrow(1, 1, kJoints - 1);
  return torch::cat({poses.narrow(1, 0, 1), body + deviation * draws.Normal(body)}, 1);
}

Stage FlowStage(const std::vector<Segment>& segments, const StageData& data, Networks& networks) {
  Stage stage;
  stage.schedule = data.config().flows.schedule;
  stage.loss = [segments, &data, flows = networks.flows](const torch::Tensor& batch,
                                                         const Draws& draws) mutable {
    const FlowStageOptions& options = data.config().flows;
    const torch::Tensor real = AddNoise(batch, options.noise, draws);
    const torch::Tensor sampled =
        options.sampled ? SamplePoses(flows, real, data.config().sampler, draws) : torch::Tensor();
    return FlowLoss(flows, segments, real, sampled);
  };
  return stage;
}

}  // namespace

Stage FullFlowStage(const StageData& data, Networks& networks) {
  networks.flows->FitFull(TakePoses(data, kFitPoses));
  return FlowStage({Segment::kFull}, data, networks);
}

Stage SegmentFlowsStage(const StageData& data, Networks& networks) {
  networks.flows->FitSegments(TakePoses(data, kFitPoses));
  return FlowStage(SegmentFlows(data.config()), data, networks);
}

}  // namespace links
