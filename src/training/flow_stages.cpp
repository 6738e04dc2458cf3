#include <torch/types.h>

#include "links/loss/flow_loss.h"
#include "stage_makers.h"

namespace links {
namespace {

// Poses from which principal components and standardisation are taken.
constexpr int64_t kFitPoses = 1 << 20;

// Dequantisation: Gaussian noise on every joint but the root.
torch::Tensor AddNoise(const torch::Tensor& poses, double deviation, const RandomStreams& streams) {
  if (deviation == 0) return poses;
  const torch::Tensor body = poses.narrow(-2, 1, kJoints - 1);
  return torch::cat({poses.narrow(-2, 0, 1), body + deviation * streams.Normal(body)}, -2);
}

Stage FlowStage(const std::vector<Segment>& segments, const StageData& data, Networks& networks) {
  Stage stage;
  stage.schedule = data.config().flows.schedule;
  stage.loss = [segments, &data, flows = networks.flows](const torch::Tensor& batch,
                                                         const RandomStreams& streams) mutable {
    const FlowStageOptions& options = data.config().flows;
    const torch::Tensor real = AddNoise(batch, options.dequantisation_noise, streams);
    const torch::Tensor sampled =
        options.sampled ? SamplePoses(flows, real, data.config().sampler, streams) : torch::Tensor();
    return FlowLoss(flows, segments, real, sampled);
  };
  return stage;
}

}  // namespace

Stage MakeFullFlowStage(const StageData& data, Networks& networks, const PoseData&) {
  networks.flows->FitFull(TakePoses(data, kFitPoses));
  return FlowStage({Segment::kFull}, data, networks);
}

Stage MakeSegmentFlowsStage(const StageData& data, Networks& networks, const PoseData&) {
  networks.flows->FitSegments(TakePoses(data, kFitPoses));
  return FlowStage(SegmentFlows(data.config()), data, networks);
}

}  // namespace links
