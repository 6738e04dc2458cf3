#include <torch/torch.h>

#include "links/evaluation/validation.h"
#include "links/loss/supervised_loss.h"
#include "links/training/train_run.h"
#include "stages.h"

namespace links {
namespace {

void DescendOnEquation10(Stage& stage, RunContext& run, Networks& networks, const PoseData& training) {
  const torch::Tensor ratios = BoneRatios(run.config.data, training).to(run.poses.device());
  const LiftingLoss loss(LifterGroups(run.config), run.config.lifters.loss, ratios);
  stage.loss = [loss, &run, flows = networks.flows,
                lifters = networks.lifters](const torch::Tensor& batch) mutable {
    torch::Tensor poses = batch;
    if (run.config.lifters.sampled)
      poses = torch::cat({batch, SamplePoses(flows, batch, run.config.sampler)}, 0);
    return loss(lifters, flows, poses);
  };
}

void Supervise(Stage& stage, RunContext& run, Networks& networks, const PoseData& training) {
  const torch::Tensor targets =
      SupervisedTargets(run.poses, RootCentredJoints(training).to(run.poses.device()));
  stage.rows = torch::cat({run.poses, targets}, -1);
  const SupervisedLoss loss(LifterGroups(run.config));
  stage.loss = [loss, lifters = networks.lifters](const torch::Tensor& batch) mutable {
    return loss(lifters, batch.narrow(-1, 0, 2), batch.narrow(-1, 2, 3));
  };
}

}  // namespace

Stage LiftersStage(RunContext& run, Networks& networks, const PoseData& training,
                   const PoseData& validation) {
  Stage stage;
  stage.name = "lifters";
  stage.schedule = run.config.lifters.schedule;
  stage.modules = LifterModules(networks);
  networks.lifters->FitStandardisation(run.poses);

  if (run.config.lifters.supervision == "3d") {
    Supervise(stage, run, networks, training);
  } else {
    DescendOnEquation10(stage, run, networks, training);
  }
  const auto scored = std::make_shared<Validation>(validation, run.normalisation,
                                                   run.config.data.validation_poses, run.poses.device());
  stage.validate = [scored, lifters = networks.lifters]() mutable { return scored->ScoreLifters(lifters); };
  return stage;
}

}  // namespace links
