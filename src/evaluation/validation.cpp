#include "links/evaluation/validation.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "links/core/error.h"
#include "links/data/missing_joints.h"
#include "links/evaluation/depth_signs.h"
#include "links/evaluation/lifting.h"

namespace links {
namespace {

constexpr uint64_t kLossSeed = 1;

template <class T>
std::vector<T> TakeEvery(const std::vector<T>& values, int64_t stride, int64_t width) {
  std::vector<T> taken;
  const int64_t count = static_cast<int64_t>(values.size()) / width;
  for (int64_t row = 0; row < count; row += stride) {
    taken.insert(taken.end(), values.begin() + row * width, values.begin() + (row + 1) * width);
  }
  return taken;
}

}  // namespace

Validation::Validation(const PoseData& poses, const Normalisation& normalisation, int64_t most,
                       torch::Device device) {
  if (poses.size() == 0) return;
  const int64_t stride = (poses.size() + most - 1) / most;
  poses_.keypoints_2d = TakeEvery(poses.keypoints_2d, stride, kJoints * 2);
  poses_.joints_3d = TakeEvery(poses.joints_3d, stride, kJoints * 3);
  poses_.source = poses.source;
  keypoints_ = normalisation.Keypoints(poses).slice(0, 0, poses.size(), stride).contiguous();
  if (const int64_t incomplete = CountIncomplete(poses_); incomplete > 0) {
    partial_ = PartialPoses(keypoints_);
    keypoints_ = partial_.poses.narrow(0, 0, partial_.complete);
    partial_.poses = partial_.poses.to(device);
    poses_ = incomplete < poses_.size() ? CompletePoses(poses_, "validation poses") : PoseData();
  }
  keypoints_ = keypoints_.to(device);
  if (poses_.joints_3d.empty()) return;
  mm_per_unit_ = normalisation.mm_per_unit > 0
                     ? normalisation.mm_per_unit
                     : Normalisation::Of(CountIncomplete(poses) > 0 ? poses_ : poses).mm_per_unit;
}

std::vector<std::pair<std::string, double>> Validation::ScoreFullFlow(PoseFlows& flows) const {
  const torch::NoGradGuard no_grad;
  if (poses_.size() == 0) return {};
  return {{"full/nll_held_out",
           flows->NegativeLogLikelihood({Segment::kFull}, keypoints_).mean().item<double>()}};
}

std::vector<std::pair<std::string, double>> Validation::ScoreSegmentFlows(PoseFlows& flows) const {
  const torch::NoGradGuard no_grad;
  std::vector<std::pair<std::string, double>> values;
  if (partial_.Any()) {
    for (const Segment segment : flows->segments()) {
      const torch::Tensor rows = partial_.With(segment).to(partial_.poses.device());
      if (rows.size(0) == 0) continue;
      const torch::Tensor nats =
          flows->NegativeLogLikelihood({segment}, partial_.poses.index_select(0, rows));
      values.emplace_back(std::string(SegmentName(segment)) + "/nll_held_out", nats.mean().item<double>());
    }
    return values;
  }
  if (poses_.size() == 0) return values;
  const torch::Tensor nats = flows->NegativeLogLikelihood(flows->segments(), keypoints_).mean(-1).cpu();
  for (size_t n = 0; n < flows->segments().size(); ++n) {
    values.emplace_back(std::string(SegmentName(flows->segments()[n])) + "/nll_held_out",
                        nats[static_cast<int64_t>(n)].item<double>());
  }
  return values;
}

std::vector<std::pair<std::string, double>> Validation::ScoreLifters(PoseLifters& lifters) const {
  std::vector<std::pair<std::string, double>> values;
  if (poses_.size() == 0) return values;
  AddErrors(lifters, values);
  std::map<std::string, torch::Tensor> lifted;
  for (const LiftedPoses& poses : LiftAll(lifters, keypoints_)) {
    if (poses.composition == "flat" || poses.composition == "mean") continue;
    lifted[poses.composition] = poses.joints;
    const DepthSigns signs = DepthSignsOf(poses.joints);
    values.emplace_back(poses.composition + "/knees_forward", signs.knees_forward);
    values.emplace_back(poses.composition + "/facing_alike", signs.facing_alike);
    values.emplace_back(poses.composition + "/asymmetry", signs.asymmetry);
  }
  if (lifted.contains("legs_torso") && lifted.contains("left_core") && lifted.contains("right_core")) {
    const torch::Tensor sides = 0.5 * (lifted["left_core"] + lifted["right_core"]);
    values.emplace_back("disagreement", Disagreement(lifted["legs_torso"], sides));
  }
  return values;
}

void Validation::AddErrors(PoseLifters& lifters, std::vector<std::pair<std::string, double>>& values) const {
  if (poses_.joints_3d.empty()) return;
  const GroundTruth truth(poses_);
  for (const Result& result : EvaluateRun(lifters, nullptr, nullptr, keypoints_, truth, mm_per_unit_)) {
    if (result.composition == "flat") continue;
    values.emplace_back(result.composition + "/pa_mpjpe", result.metrics.pa_mpjpe);
    values.emplace_back(result.composition + "/pa_mpjpe_reflection", result.metrics.pa_mpjpe_reflection);
    values.emplace_back(result.composition + "/n_mpjpe", result.metrics.n_mpjpe);
  }
}

std::vector<std::pair<std::string, double>> Validation::ScoreLoss(const Loss& loss) const {
  const int64_t count = std::min(poses_.size(), kLossPoses) / 2 * 2;
  if (count == 0) return {};
  const torch::NoGradGuard no_grad;
  // Not in the order of a motion: a term may compare neighbours of a batch.
  RandomStreams order(1, torch::kCPU), streams(1, keypoints_.device());
  order.Seed(0, kLossSeed);
  streams.Seed(0, kLossSeed);
  const torch::Tensor rows = order.Permutations(keypoints_.size(0))[0].narrow(0, 0, count);
  const StepLoss held_out = loss(keypoints_.index_select(0, rows.to(keypoints_.device())), streams);
  std::vector<std::pair<std::string, double>> values = {{"total_held_out", held_out.total.item<double>()}};
  for (const auto& [name, term] : held_out.terms)
    values.emplace_back(name + "_held_out", term.item<double>());
  return values;
}

std::vector<std::pair<std::string, double>> Validation::ScoreScenarios(PoseLifters& lifters, Fillers* fillers,
                                                                       Completion* completion) const {
  std::vector<std::pair<std::string, double>> values;
  if (poses_.joints_3d.empty()) return values;
  const GroundTruth truth(poses_);
  for (const Result& result : EvaluateRun(lifters, fillers, completion, keypoints_, truth, mm_per_unit_)) {
    if (result.scenario == "none" || result.joints != "all") continue;
    values.emplace_back(result.filler + "/" + result.scenario + "/pa_mpjpe", result.metrics.pa_mpjpe);
  }
  return values;
}

std::vector<std::pair<std::string, double>> Validation::ScoreFillers(PoseLifters& lifters,
                                                                     Fillers& fillers) const {
  return ScoreScenarios(lifters, &fillers, nullptr);
}

std::vector<std::pair<std::string, double>> Validation::ScoreCompletion(PoseLifters& lifters,
                                                                        Completion& completion) const {
  return ScoreScenarios(lifters, nullptr, &completion);
}

std::string MirroredDepth(const std::vector<std::pair<std::string, double>>& values) {
  for (const auto& [name, value] : values) {
    if (!name.ends_with("/knees_forward") || !(value < 0.5)) continue;
    return Concat("the poses look mirrored in depth: of the bent knees of ", name.substr(0, name.find('/')),
                  " only ", std::lround(100 * value), " % bend forwards (docs/evaluation.md, Without 3D)");
  }
  return "";
}

}  // namespace links
