#include <torch/torch.h>

#include "links/evaluation/validation.h"
#include "stages.h"

namespace links {
namespace {

// Poses from which the fillers' standardisation is taken; their teacher has to lift them first.
constexpr int64_t kFitPoses = 16384;

}  // namespace

Stage OcclusionStage(RunContext& run, Networks& networks, const PoseData& validation) {
  PoseLifters lifters = networks.lifters;
  Stage stage;
  stage.name = "occlusion";
  stage.schedule = run.config.occlusion.schedule;
  stage.modules = FillerModules(networks);
  {
    const torch::NoGradGuard no_grad;
    const int64_t stride = (run.poses.size(0) + kFitPoses - 1) / kFitPoses;
    const torch::Tensor keypoints = run.poses.slice(0, 0, run.poses.size(0), stride);
    const torch::Tensor lifted = lifters->LiftPose(LegsTorso(), keypoints);
    networks.fillers->o3d()->FitStandardisation(lifted);
    networks.fillers->o2d()->FitStandardisation(keypoints);
  }
  stage.loss = [loss = DistillationLoss(run.config.occlusion.loss), lifters, fillers = networks.fillers](
                   const torch::Tensor& batch) mutable { return loss(fillers, lifters, batch); };
  const auto scored = std::make_shared<Validation>(validation, run.normalisation,
                                                   run.config.data.validation_poses, run.poses.device());
  stage.validate = [scored, lifters, fillers = networks.fillers]() mutable {
    return scored->ScoreFillers(lifters, fillers);
  };
  return stage;
}

}  // namespace links
