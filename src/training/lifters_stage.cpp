#include <torch/types.h>

#include "links/loss/lifting_loss.h"
#include "links/loss/supervised_loss.h"
#include "links/training/train_run.h"
#include "stage_makers.h"

namespace links {
namespace {

// Poses from which the standardisation is taken.
constexpr int64_t kFitPoses = 1 << 20;

void LearnUnsupervised(Stage& stage, const StageData& data, Networks& networks, const PoseData& training) {
  const torch::Tensor ratios = BoneRatios(data.config().data, training).to(data.device);
  std::vector<LiftingLossOptions> options;
  for (const RunConfig& config : data.configs) options.push_back(*config.lifters.loss);
  const LiftingLoss loss(LifterGroups(data.config()), options, ratios);
  stage.loss = [loss, &data, flows = networks.flows, lifters = networks.lifters](
                   const torch::Tensor& batch, const RandomStreams& streams) mutable {
    torch::Tensor poses = batch;
    if (data.config().lifters.sampled) {
      const torch::Tensor sampled = SamplePoses(flows, batch, data.config().sampler, streams);
      poses = torch::cat({batch, sampled}, -3);
    }
    return loss(lifters, flows, poses, streams);
  };
}

void Supervise(Stage& stage, const StageData& data, Networks& networks, const PoseData& training) {
  const torch::Tensor targets =
      SupervisedTargets(data.poses, RootCentredJoints(training).to(data.poses.device()));
  stage.rows = torch::cat({data.poses, targets}, -1);
  const SupervisedLoss loss(LifterGroups(data.config()));
  stage.loss = [loss, lifters = networks.lifters](const torch::Tensor& batch, const RandomStreams&) mutable {
    return loss(lifters, batch.narrow(-1, 0, 2), batch.narrow(-1, 2, 3));
  };
}

}  // namespace

Stage MakeLiftersStage(const StageData& data, Networks& networks, const PoseData& training) {
  Stage stage;
  stage.schedule = data.config().lifters.schedule;
  networks.lifters->FitStandardisation(TakePoses(data, kFitPoses));

  if (data.config().lifters.supervision == Supervision::k3d) {
    Supervise(stage, data, networks, training);
  } else {
    LearnUnsupervised(stage, data, networks, training);
  }
  return stage;
}

}  // namespace links
