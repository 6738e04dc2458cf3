#include <torch/types.h>

#include <optional>
#include <vector>

#include "links/loss/lifting_loss.h"
#include "links/loss/supervised_loss.h"
#include "links/loss/taught_loss.h"
#include "links/training/train_run.h"
#include "stage_makers.h"

namespace links {
namespace {

// Poses from which the standardisation is taken.
constexpr int64_t kFitPoses = 1 << 20;

// What poses that show a segment but not the whole body teach that segment's lifter.
struct PartialLifting {
  std::vector<torch::Tensor> pools;  // of complete poses, then of each lifter's
  LiftingLoss loss;
};

PartialLifting LiftPartial(const PartialPoses& partial, const std::vector<Segment>& lifters,
                           const std::vector<LiftingLossOptions>& options, const torch::Tensor& ratios) {
  std::vector<torch::Tensor> pools = {partial.Complete()};
  std::vector<LifterGroup> alone;
  std::vector<double> shares;  // of these poses among all that show the segment
  for (const Segment segment : lifters) {
    const torch::Tensor rows = partial.PartialWith(segment);
    const int64_t all = partial.complete + rows.size(0);
    alone.push_back(SegmentAlone(segment));
    shares.push_back(static_cast<double>(rows.size(0)) / static_cast<double>(all));
    // The lifters are computed side by side: one that has none sees others, with weight 0.
    pools.push_back(rows.size(0) > 0 ? rows : partial.Complete());
  }
  return {pools, LiftingLoss(alone, options, ratios, shares)};
}

StepLoss Sum(StepLoss sum, const StepLoss& more) {
  sum.total = sum.total + more.total;
  sum.terms.insert(sum.terms.end(), more.terms.begin(), more.terms.end());
  return sum;
}

// Eq. 10 for the groups that learn by it, and what the sides learn from their teacher where they have one.
struct UnsupervisedLoss {
  LiftingLoss judged;
  std::optional<TaughtLoss> taught;

  StepLoss operator()(PoseLifters& lifters, PoseFlows& flows, const torch::Tensor& poses,
                      const RandomStreams& streams) const {
    const StepLoss of_views = judged(lifters, flows, poses, streams);
    return taught ? Sum(of_views, (*taught)(lifters, poses, streams)) : of_views;
  }
};

void LearnUnsupervised(Stage& stage, const StageData& data, Networks& networks, const PoseData& training) {
  const torch::Tensor ratios = BoneRatios(data.config().data, training).to(data.device);
  std::vector<LiftingLossOptions> options;
  for (const RunConfig& config : data.configs) options.push_back(*config.lifters.loss);
  const std::vector<LifterGroup> judged = JudgedGroups(data.config());
  std::optional<TaughtLoss> taught;
  if (const auto teacher = data.config().lifters.TeacherOfSides(); !teacher.empty())
    taught.emplace(teacher, data.config().lifters.sides_rotated_copies, options.front(), data.device);
  const UnsupervisedLoss loss{LiftingLoss(judged, options, ratios), taught};
  stage.loss = [loss, &data, flows = networks.flows, lifters = networks.lifters](
                   const torch::Tensor& batch, const RandomStreams& streams) mutable {
    torch::Tensor poses = batch;
    if (data.config().lifters.sampled) {
      const torch::Tensor sampled = SamplePoses(flows, batch, data.config().sampler, streams);
      poses = torch::cat({batch, sampled}, -3);
    }
    return loss(lifters, flows, poses, streams);
  };
  stage.loss_held_out = [options, ratios, judged, taught](size_t run, Networks& own,
                                                          const torch::Tensor& poses,
                                                          const RandomStreams& streams) {
    const UnsupervisedLoss of_run{LiftingLoss(judged, options[run], ratios), taught};
    return of_run(own.lifters, own.flows, poses, streams);
  };
  if (!data.partial.Any()) return;
  const PartialLifting partial =
      LiftPartial(data.partial, GroupedLifters(judged, ratios).segments, options, ratios);
  stage.rows = data.partial.poses;
  stage.pools = partial.pools;
  stage.loss = [of_complete = stage.loss, of_parts = partial.loss, flows = networks.flows,
                lifters = networks.lifters](const torch::Tensor& batches,
                                            const RandomStreams& streams) mutable {
    return Sum(of_complete(batches[0], streams),
               of_parts(lifters, flows, batches.narrow(0, 1, batches.size(0) - 1), streams));
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
