#include "links/training/step_cost.h"

#include <torch/nn/module.h>
#include <torch/types.h>

#include <algorithm>
#include <set>

#include "links/loss/completion_loss.h"
#include "links/loss/distillation_loss.h"
#include "links/network/weight_count.h"

namespace links {
namespace {

double CountOf(const torch::nn::Module& module, const std::string& part = "") {
  return Sum(WeightsOf(module, part));
}

constexpr double kForward = 2, kInputGradient = 2, kWeightGradient = 2;
constexpr double kTrained = kForward + kInputGradient + kWeightGradient;
constexpr double kAdamBytes = 28;

Cost Of(double flop, double trained_weights) {
  return {flop / 1e9, kAdamBytes * trained_weights / 1e9};
}

// What a pose is multiplied with by a teacher; virtual views of copies need elevations.
double TeacherWeights(Networks& networks, const std::vector<Composition>& teacher, int64_t copies,
                      CopyRotation rotation) {
  const bool with_elevations = copies > 0 && rotation == CopyRotation::kVirtualView;
  const LifterMultiplications of_lifters = networks.lifters->stack()->Multiplications();
  const std::vector<Segment> asked = SegmentsOf(teacher);
  double weights = 0;
  for (size_t n = 0; n < of_lifters.depths.size(); ++n) {
    if (std::ranges::count(asked, networks.lifters->segments()[n]) > 0)
      weights += of_lifters.depths[n] + (with_elevations ? of_lifters.elevation[n] : 0);
  }
  return weights;
}

// Forward and all gradients a row, but the one of what the entry sees.
double TrainedFlop(const torch::nn::Module& module, const std::string& part = "") {
  return kTrained * CountOf(module, part) - kInputGradient * CountOf(module, part + "entry");
}

Cost FlowCost(const ScheduleOptions& schedule, bool sampled, const torch::nn::Module& trained,
              PoseFlows& flows) {
  const auto batch = static_cast<double>(schedule.StepPoses());
  const double sampling = sampled ? 2 * kForward * batch * CountOf(*flows->full()) : 0;
  return Of(kTrained * (sampled ? 2 : 1) * batch * CountOf(trained) + sampling, CountOf(trained));
}

}  // namespace

Cost FullFlowCost(const RunConfig& config, Networks& networks) {
  return FlowCost(config.flows.schedule, config.flows.sampled, *networks.flows->full(), networks.flows);
}

Cost SegmentFlowsCost(const RunConfig& config, Networks& networks) {
  return FlowCost(config.flows.schedule, config.flows.sampled, *networks.flows->stack(), networks.flows);
}

Cost LiftersCost(const RunConfig& config, Networks& networks) {
  const LifterMultiplications of_lifters = networks.lifters->stack()->Multiplications();
  const auto batch = static_cast<double>(config.lifters.schedule.StepPoses());
  const double rows = config.lifters.sampled ? 2 * batch : batch;
  const auto views = 1 + static_cast<double>(config.lifters.sides_rotated_copies);  // of the sides' teacher
  std::set<Segment> judged;
  for (const LifterGroup& group : JudgedGroups(config))
    judged.insert(group.segments.begin(), group.segments.end());
  double flop = rows * kForward *
                TeacherWeights(networks, config.lifters.TeacherOfSides(), config.lifters.sides_rotated_copies,
                               CopyRotation::kVirtualView);
  for (size_t n = 0; n < of_lifters.depths.size(); ++n) {
    const Segment segment = networks.lifters->segments()[n];
    const double depths = kTrained * of_lifters.depths[n] - kInputGradient * of_lifters.entry[n];
    if (!judged.contains(segment)) {
      flop += rows * views * depths;
      continue;
    }
    // The second lift needs no elevation.
    flop += rows * (depths + kTrained * of_lifters.elevation[n] + kTrained * of_lifters.depths[n]);
  }
  if (config.lifters.sampled) flop += 2 * kForward * batch * CountOf(*networks.flows->full());
  if (networks.flows->stack()) {
    const std::vector<double> of_flows = WeightsOf(*networks.flows->stack());
    for (size_t n = 0; n < of_flows.size(); ++n) {
      if (judged.contains(networks.flows->segments()[n]))
        flop += rows * (kForward + kInputGradient) * of_flows[n];
    }
  }
  return Of(flop, CountOf(*networks.lifters->stack()));
}

Cost OcclusionCost(const RunConfig& config, Networks& networks) {
  const auto batch = static_cast<double>(config.occlusion.schedule.StepPoses());
  const DistillationOptions& loss = *config.occlusion.loss;
  const double copies = 1 + static_cast<double>(loss.rotated_copies);
  const torch::nn::Module &o3d = *networks.fillers->o3d(), &o2d = *networks.fillers->o2d();
  const double teacher =
      kForward * TeacherWeights(networks, {LegsTorso()}, loss.rotated_copies, loss.rotation);
  return Of(batch * (copies * TrainedFlop(o3d) + TrainedFlop(o2d) + teacher), CountOf(o3d) + CountOf(o2d));
}

Cost CompletionCost(const RunConfig& config, Networks& networks) {
  const auto batch = static_cast<double>(config.completion.schedule.StepPoses());
  const CompletionLossOptions& loss = *config.completion.loss;
  const double copies = 1 + static_cast<double>(loss.rotated_copies);
  const torch::nn::Module& completion = *networks.completion;
  // The teacher lifts the whole pose; every lifter says what the network gets to see.
  const double seen = kForward * Sum(networks.lifters->stack()->Multiplications().depths);
  const double teacher = kForward * TeacherWeights(networks, CompositionsOf(config.lifters.whole_pose),
                                                   loss.rotated_copies, loss.rotation);
  return Of(batch * (copies * TrainedFlop(completion, "network.") + TrainedFlop(completion, "root.") + seen +
                     teacher),
            CountOf(completion));
}

Cost LiftingCost(int64_t poses, Networks& networks) {
  const double weights = TeacherWeights(networks, {LegsTorso()}, 0, CopyRotation::kAzimuth);
  return {kForward * static_cast<double>(poses) * weights / 1e9, 4 * weights / 1e9};
}

}  // namespace links
