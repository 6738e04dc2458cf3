#include <torch/torch.h>

#include "links/loss/completion_loss.h"
#include "stages.h"

namespace links {
namespace {

// Poses from which the standardisation is taken; the teacher has to lift them first.
constexpr int64_t kFitPoses = 16384;
// Masks drawn once for the whole stage, far more than a network could learn by heart.
constexpr int64_t kMasks = 1 << 18;

}  // namespace

Stage CompletionStage(const StageData& data, Networks& networks, const PoseData& validation) {
  PoseLifters lifters = networks.lifters;
  Stage stage;
  stage.name = "completion";
  stage.schedule = data.config.completion.schedule;
  stage.modules = CompletionModules(networks);
  {
    const torch::NoGradGuard no_grad;
    const torch::Tensor keypoints = TakePoses(data, kFitPoses);
    networks.completion->Fit(lifters->LiftPose(LegsTorso(), keypoints), keypoints);
  }
  const torch::Tensor masks =
      DrawMasks(kMasks, data.config.completion.masks, DeriveSeed(data.config.seed, "masks")).to(data.device);
  stage.loss = [loss = CompletionLoss(data.config.completion.loss, data.device), masks, lifters,
                completion = networks.completion](const torch::Tensor& batch) mutable {
    const torch::Tensor drawn =
        torch::randint(masks.size(0), {batch.size(0)}, batch.options().dtype(torch::kInt64));
    return loss(completion, lifters, batch, masks.index_select(0, drawn));
  };
  const auto scored = MakeValidation(data, validation);
  stage.validate = [scored, lifters, completion = networks.completion]() mutable {
    return scored->ScoreCompletion(lifters, completion);
  };
  return stage;
}

}  // namespace links
