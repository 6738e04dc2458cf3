#include "links/evaluation/validation.h"

#include <torch/types.h>

namespace links {
namespace {

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
  keypoints_ = normalisation.Keypoints(poses_).to(device);
  mm_per_unit_ =
      normalisation.mm_per_unit > 0 ? normalisation.mm_per_unit : Normalisation::Of(poses).mm_per_unit;
}

std::vector<std::pair<std::string, double>> Validation::ScoreLifters(PoseLifters& lifters) const {
  std::vector<std::pair<std::string, double>> values;
  if (poses_.size() == 0) return values;
  const GroundTruth truth(poses_);
  for (const Result& result : EvaluateRun(lifters, nullptr, nullptr, keypoints_, truth, mm_per_unit_)) {
    if (result.composition == "flat") continue;
    values.emplace_back(result.composition + "/pa_mpjpe", result.metrics.pa_mpjpe);
    values.emplace_back(result.composition + "/pa_mpjpe_reflection", result.metrics.pa_mpjpe_reflection);
    values.emplace_back(result.composition + "/n_mpjpe", result.metrics.n_mpjpe);
  }
  return values;
}

std::vector<std::pair<std::string, double>> Validation::ScoreScenarios(PoseLifters& lifters, Fillers* fillers,
                                                                       Completion* completion) const {
  std::vector<std::pair<std::string, double>> values;
  if (poses_.size() == 0) return values;
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

}  // namespace links
