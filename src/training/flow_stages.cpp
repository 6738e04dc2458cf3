#include <torch/torch.h>

#include "links/loss/flow_loss.h"
#include "stages.h"

namespace links {
namespace {

// Dequantisation: Gaussian noise on every joint but the root.
torch::Tensor AddNoise(const torch::Tensor& poses, double deviation) {
  if (deviation == 0) return poses;
  const torch::Tensor body = poses.narrow(1, 1, kJoints - 1);
  return torch::cat({poses.narrow(1, 0, 1), body + deviation * torch::randn_like(body)}, 1);
}

Stage FlowStage(const std::string& name, const std::vector<Segment>& segments, RunContext& run,
                Networks& networks) {
  Stage stage;
  stage.name = name;
  stage.schedule = run.config.flows.schedule;
  stage.loss = [segments, &run, flows = networks.flows](const torch::Tensor& batch) mutable {
    const FlowStageOptions& options = run.config.flows;
    const torch::Tensor real = AddNoise(batch, options.noise);
    const torch::Tensor sampled =
        options.sampled ? SamplePoses(flows, real, run.config.sampler) : torch::Tensor();
    return FlowLoss(flows, segments, real, sampled);
  };
  return stage;
}

}  // namespace

Stage FullFlowStage(RunContext& run, Networks& networks) {
  Stage stage = FlowStage("full_flow", {Segment::kFull}, run, networks);
  stage.modules = FullFlowModules(networks);
  networks.flows->FitFull(run.poses);
  return stage;
}

Stage SegmentFlowsStage(RunContext& run, Networks& networks) {
  Stage stage = FlowStage("segment_flows", SegmentFlows(run.config), run, networks);
  stage.modules = SegmentFlowModules(networks);
  networks.flows->FitSegments(run.poses);
  return stage;
}

}  // namespace links
