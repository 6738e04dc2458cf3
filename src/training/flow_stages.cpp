#include <torch/types.h>

#include "links/loss/flow_loss.h"
#include "links/loss/keypoint_noise.h"
#include "stage_makers.h"

namespace links {
namespace {

// Poses from which principal components and standardisation are taken.
constexpr int64_t kFitPoses = 1 << 20;

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

// Each segment's flow learns from a batch of its own, of poses that show the segment; what is sampled starts
// from complete poses, the last pool.
Stage PartialFlowStage(const std::vector<Segment>& segments, const StageData& data, Networks& networks) {
  Stage stage;
  stage.schedule = data.config().flows.schedule;
  stage.rows = data.partial.poses;
  for (const Segment segment : segments) stage.pools.push_back(data.partial.With(segment));
  if (data.config().flows.sampled) stage.pools.push_back(data.partial.Complete());
  stage.loss = [segments, &data, flows = networks.flows](const torch::Tensor& batches,
                                                         const RandomStreams& streams) mutable {
    const FlowStageOptions& options = data.config().flows;
    const torch::Tensor noisy = AddNoise(batches, options.dequantisation_noise, streams);
    const torch::Tensor real = noisy.narrow(0, 0, static_cast<int64_t>(segments.size()));
    const torch::Tensor sampled =
        options.sampled ? SamplePoses(flows, noisy[-1], data.config().sampler, streams).expand_as(real)
                        : torch::Tensor();
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
  const std::vector<Segment> segments = SegmentFlows(data.config());
  return data.partial.Any() ? PartialFlowStage(segments, data, networks)
                            : FlowStage(segments, data, networks);
}

}  // namespace links
