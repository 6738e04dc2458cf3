#include <torch/torch.h>

#include "links/core/error.h"
#include "stages.h"

namespace links {

torch::Tensor TakePoses(const StageData& data, int64_t most) {
  const int64_t stride = (data.poses.size(0) + most - 1) / most;
  return data.poses.slice(0, 0, data.poses.size(0), stride).to(data.device);
}

std::shared_ptr<Validation> MakeValidation(const StageData& data, const PoseData& poses) {
  return std::make_shared<Validation>(poses, data.normalisation, data.config.data.validation_poses,
                                      data.device);
}

Stage MakeStage(const std::string& name, const StageData& data, Networks& networks, const PoseData& training,
                const PoseData& validation) {
  if (name == "full_flow") return FullFlowStage(data, networks);
  if (name == "segment_flows") return SegmentFlowsStage(data, networks);
  if (name == "lifters") return LiftersStage(data, networks, training, validation);
  if (name == "occlusion") return OcclusionStage(data, networks, validation);
  if (name == "completion") return CompletionStage(data, networks, validation);
  throw Error("expected the name of a stage, found '", name, "'");
}

}  // namespace links
