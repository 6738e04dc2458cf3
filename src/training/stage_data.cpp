#include <torch/torch.h>

#include "links/core/error.h"
#include "stages.h"

namespace links {
namespace {

// What is scored after an epoch of the stage; null where nothing is.
std::function<NamedValues(const Validation&, Networks&)> ScoreOf(const std::string& stage) {
  if (stage == "lifters")
    return [](const Validation& scored, Networks& own) { return scored.ScoreLifters(own.lifters); };
  if (stage == "occlusion") {
    return
        [](const Validation& scored, Networks& own) { return scored.ScoreFillers(own.lifters, own.fillers); };
  }
  if (stage == "completion") {
    return [](const Validation& scored, Networks& own) {
      return scored.ScoreCompletion(own.lifters, own.completion);
    };
  }
  return {};
}

Stage LossStage(const std::string& name, const StageData& data, Networks& networks,
                const PoseData& training) {
  if (name == "full_flow") return FullFlowStage(data, networks);
  if (name == "segment_flows") return SegmentFlowsStage(data, networks);
  if (name == "lifters") return LiftersStage(data, networks, training);
  if (name == "occlusion") return OcclusionStage(data, networks);
  if (name == "completion") return CompletionStage(data, networks);
  throw Error("expected the name of a stage, found '", name, "'");
}

}  // namespace

torch::Tensor TakePoses(const StageData& data, int64_t most) {
  const int64_t stride = (data.poses.size(0) + most - 1) / most;
  return data.poses.slice(0, 0, data.poses.size(0), stride).to(data.device);
}

Stage MakeStage(const std::string& name, const StageData& data, Networks& networks,
                const std::vector<Networks>& of_runs, const PoseData& training, const PoseData& validation) {
  Stage stage = LossStage(name, data, networks, training);
  stage.name = name;
  stage.modules = StageModules(name, networks);
  std::vector<Networks> own = of_runs;
  for (Networks& of_run : own) stage.of_runs.push_back(StageModules(name, of_run));
  if (own.empty()) own.push_back(networks);
  if (const auto score = ScoreOf(name)) {
    const auto scored = std::make_shared<Validation>(validation, data.normalisation,
                                                     data.config().data.validation_poses, data.device);
    stage.validate = [score, scored, own](size_t run) mutable { return score(*scored, own[run]); };
  }
  return stage;
}

}  // namespace links
