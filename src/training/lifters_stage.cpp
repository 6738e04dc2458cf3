#include <torch/torch.h>

#include "links/loss/supervised_loss.h"
#include "links/training/train_run.h"
#include "stages.h"

namespace links {
namespace {

// Poses from which the standardisation is taken.
constexpr int64_t kFitPoses = 1 << 20;

void DescendOnEquation10(Stage& stage, const StageData& data, Networks& networks, const PoseData& training) {
  const torch::Tensor ratios = BoneRatios(data.config.data, training).to(data.device);
  const LiftingLoss loss(LifterGroups(data.config), data.config.lifters.loss, ratios);
  stage.loss = [loss, &data, flows = networks.flows,
                lifters = networks.lifters](const torch::Tensor& batch) mutable {
    torch::Tensor poses = batch;
    if (data.config.lifters.sampled)
      poses = torch::cat({batch, SamplePoses(flows, batch, data.config.sampler)}, 0);
    return loss(lifters, flows, poses);
  };
}

void Supervise(Stage& stage, const StageData& data, Networks& networks, const PoseData& training) {
  const torch::Tensor targets =
      SupervisedTargets(data.poses, RootCentredJoints(training).to(data.poses.device()));
  stage.rows = torch::cat({data.poses, targets}, -1);
  const SupervisedLoss loss(LifterGroups(data.config));
  stage.loss = [loss, lifters = networks.lifters](const torch::Tensor& batch) mutable {
    return loss(lifters, batch.narrow(-1, 0, 2), batch.narrow(-1, 2, 3));
  };
}

}  // namespace

Stage LiftersStage(const StageData& data, Networks& networks, const PoseData& training,
                   const PoseData& validation) {
  Stage stage;
  stage.name = "lifters";
  stage.schedule = data.config.lifters.schedule;
  stage.modules = LifterModules(networks);
  networks.lifters->FitStandardisation(TakePoses(data, kFitPoses));

  if (data.config.lifters.supervision == "3d") {
    Supervise(stage, data, networks, training);
  } else {
    DescendOnEquation10(stage, data, networks, training);
  }
  const auto scored = MakeValidation(data, validation);
  stage.validate = [scored, lifters = networks.lifters]() mutable { return scored->ScoreLifters(lifters); };
  return stage;
}

}  // namespace links
