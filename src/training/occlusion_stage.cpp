#include <torch/types.h>
#include <torch/utils.h>

#include "links/loss/distillation_loss.h"
#include "links/network/ensemble.h"
#include "stage_makers.h"

namespace links {
namespace {

// Poses from which the fillers' standardisation is taken; their teacher has to lift them first.
constexpr int64_t kFitPoses = 16384;

}  // namespace

Stage MakeOcclusionStage(const StageData& data, Networks& networks, const PoseData&) {
  PoseLifters lifters = networks.lifters;
  Stage stage;
  stage.schedule = data.config().occlusion.schedule;
  {
    const torch::NoGradGuard no_grad;
    const torch::Tensor keypoints = RepeatForRuns(TakePoses(data, kFitPoses), lifters->runs());
    networks.fillers->o3d()->FitStandardisation(lifters->LiftPose(LegsTorso(), keypoints));
    networks.fillers->o2d()->FitStandardisation(keypoints);
  }
  stage.loss = [loss = DistillationLoss(*data.config().occlusion.loss, *data.config().lifters.loss), lifters,
                fillers = networks.fillers](const torch::Tensor& batch,
                                            const RandomStreams& streams) mutable {
    return loss(fillers, lifters, batch, streams);
  };
  return stage;
}

}  // namespace links
