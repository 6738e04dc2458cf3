#include <torch/torch.h>

#include "links/evaluation/validation.h"
#include "links/training/train_run.h"
#include "stages.h"

namespace links {

Stage LiftersStage(RunContext& run, Networks& networks, const PoseData& training,
                   const PoseData& validation) {
  Stage stage;
  stage.name = "lifters";
  stage.schedule = run.config.lifters.schedule;
  stage.modules = LifterModules(networks);
  networks.lifters->FitStandardisation(run.poses);

  const torch::Tensor ratios = BoneRatios(run.config.data, training).to(run.poses.device());
  std::vector<LiftingLoss> losses;
  for (const LifterGroup& group : LifterGroups(run.config)) {
    losses.emplace_back(group, run.config.lifters.loss, ratios);
  }
  stage.loss = [losses, &run, flows = networks.flows,
                lifters = networks.lifters](const torch::Tensor& batch) mutable {
    torch::Tensor poses = batch;
    if (run.config.lifters.sampled)
      poses = torch::cat({batch, SamplePoses(flows, batch, run.config.sampler)}, 0);
    StepLoss sum{torch::zeros({}, poses.options()), {}};
    for (const LiftingLoss& loss : losses) {
      const StepLoss part = loss(lifters, flows, poses);
      sum.total = sum.total + part.total;
      sum.terms.insert(sum.terms.end(), part.terms.begin(), part.terms.end());
    }
    return sum;
  };
  const auto scored = std::make_shared<Validation>(validation, run.normalisation,
                                                   run.config.data.validation_poses, run.poses.device());
  stage.validate = [scored, lifters = networks.lifters]() mutable { return scored->ScoreLifters(lifters); };
  return stage;
}

}  // namespace links
