#include <torch/torch.h>

#include "links/loss/flow_loss.h"
#include "stages.h"

namespace links {
namespace {

// Poses from which principal components and standardisation are taken.
constexpr int64_t kFitPoses = 1 << 20;

// Dequantisation: Gaussian noise on every joint but the root.
torch::Tensor AddNoise(const torch::Tensor& poses, double deviation) {
  if (deviation == 0) return poses;
  const torch::Tensor body = poses.narrow(1, 1, kJoints - 1);
  return torch::cat({poses.narrow(1, 0, 1), body + deviation * torch::randn_like(body)}, 1);
}

Stage FlowStage(const std::string& name, const std::vector<Segment>& segments, const StageData& data,
                Networks& networks) {
  Stage stage;
  stage.name = name;
  stage.schedule = data.config.flows.schedule;
  stage.loss = [segments, &data, flows = networks.flows](const torch::Tensor& batch) mutable {
    const FlowStageOptions& options = data.config.flows;
    const torch::Tensor real = AddNoise(batch, options.noise);
    const torch::Tensor sampled =
        options.sampled ? SamplePoses(flows, real, data.config.sampler) : torch::Tensor();
    return FlowLoss(flows, segments, real, sampled);
  };
  return stage;
}

}  // namespace

Stage FullFlowStage(const StageData& data, Networks& networks) {
  Stage stage = FlowStage("full_flow", {Segment::kFull}, data, networks);
  stage.modules = FullFlowModules(networks);
  networks.flows->FitFull(TakePoses(data, kFitPoses));
  return stage;
}

Stage SegmentFlowsStage(const StageData& data, Networks& networks) {
  Stage stage = FlowStage("segment_flows", SegmentFlows(data.config), data, networks);
  stage.modules = SegmentFlowModules(networks);
  networks.flows->FitSegments(TakePoses(data, kFitPoses));
  return stage;
}

}  // namespace links
