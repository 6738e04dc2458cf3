#include <torch/torch.h>

#include "stages.h"

namespace links {
namespace {

// Poses from which the fillers' standardisation is taken; their teacher has to lift them first.
constexpr int64_t kFitPoses = 16384;

}  // namespace

Stage OcclusionStage(const StageData& data, Networks& networks, const PoseData& validation) {
  PoseLifters lifters = networks.lifters;
  Stage stage;
  stage.name = "occlusion";
  stage.schedule = data.config.occlusion.schedule;
  stage.modules = FillerModules(networks);
  {
    const torch::NoGradGuard no_grad;
    const torch::Tensor keypoints = TakePoses(data, kFitPoses);
    networks.fillers->o3d()->FitStandardisation(lifters->LiftPose(LegsTorso(), keypoints));
    networks.fillers->o2d()->FitStandardisation(keypoints);
  }
  stage.loss = [loss = DistillationLoss(data.config.occlusion.loss), lifters, fillers = networks.fillers](
                   const torch::Tensor& batch) mutable { return loss(fillers, lifters, batch); };
  const auto scored = MakeValidation(data, validation);
  stage.validate = [scored, lifters, fillers = networks.fillers]() mutable {
    return scored->ScoreFillers(lifters, fillers);
  };
  return stage;
}

}  // namespace links
