#include "links/evaluation/spread_calibration.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include "links/core/error.h"
#include "links/loss/supervised_loss.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

constexpr double kCovered = 0.68;
constexpr int64_t kChunk = 512;

// Distances from the true joints and deviations of the hypotheses, both normalised units, of one state.
struct Errors {
  std::vector<double> error, deviation;
};
using ErrorsByState = std::array<Errors, 3>;

void Append(ErrorsByState& to, const torch::Tensor& error, const torch::Tensor& deviation,
            const torch::Tensor& seen, const torch::Tensor& lifted) {
  const auto errors = error.accessor<float, 1>(), deviations = deviation.accessor<float, 1>();
  const auto is_seen = seen.accessor<bool, 1>(), is_lifted = lifted.accessor<bool, 1>();
  for (int joint = 1; joint < kJoints; ++joint) {
    const size_t state = !is_seen[joint] ? 2 : is_lifted[joint] ? 0 : 1;
    to[state].error.push_back(errors[joint]);
    to[state].deviation.push_back(deviations[joint]);
  }
}

// The factor within which 68 % of the errors lie; `otherwise` where there are none.
double FactorOf(const Errors& errors, double otherwise) {
  if (errors.error.empty()) return otherwise;
  std::vector<double> ratios;
  for (size_t i = 0; i < errors.error.size(); ++i)
    ratios.push_back(errors.error[i] / std::max(errors.deviation[i], 1e-9));
  const auto at = ratios.begin() + static_cast<ptrdiff_t>(kCovered * static_cast<double>(ratios.size()));
  std::nth_element(ratios.begin(), at, ratios.end());
  return *at;
}

SpreadCoverage CoverageOf(const Errors& errors, double factor) {
  SpreadCoverage coverage;
  const size_t joints = errors.error.size();
  coverage.joints = static_cast<int64_t>(joints);
  if (joints < 3) {
    coverage.covered = std::nan("");
    coverage.covered_by_third.fill(coverage.covered);
    return coverage;
  }
  std::vector<size_t> by_spread(joints);
  std::iota(by_spread.begin(), by_spread.end(), size_t{0});
  std::ranges::sort(by_spread, {}, [&](size_t i) { return errors.deviation[i]; });
  for (size_t third = 0; third < 3; ++third) {
    const size_t first = third * joints / 3, end = (third + 1) * joints / 3;
    const auto within = std::count_if(
        by_spread.begin() + static_cast<ptrdiff_t>(first), by_spread.begin() + static_cast<ptrdiff_t>(end),
        [&](size_t i) { return errors.error[i] <= factor * errors.deviation[i]; });
    coverage.covered_by_third[third] = static_cast<double>(within) / static_cast<double>(end - first);
    coverage.covered += static_cast<double>(within) / static_cast<double>(joints);
  }
  coverage.mean_radius = factor * std::accumulate(errors.deviation.begin(), errors.deviation.end(), 0.0) /
                         static_cast<double>(joints);
  std::vector<double> sorted = errors.error;
  const auto middle = sorted.begin() + static_cast<ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  coverage.median_error = *middle;
  return coverage;
}

}  // namespace

SpreadCalibration CalibrateSpread(PoseLifters& lifters, Completion& completion, const PoseData& poses,
                                  const Normalisation& normalisation, const CalibrationOptions& options,
                                  torch::Device device) {
  const torch::NoGradGuard no_grad;
  std::map<std::string, int64_t> subjects;
  for (const std::string& name : poses.subject) subjects.try_emplace(name, 0);
  if (subjects.size() < 2) {
    throw Error(
        "expected poses of two subjects or more, one half to calibrate on and one to check with, found ",
        subjects.size());
  }
  int64_t number = 0;
  for (auto& [name, place] : subjects) place = number++;

  const int64_t stride = (poses.size() + options.poses - 1) / options.poses;
  const torch::Tensor keypoints = normalisation.Keypoints(poses).slice(0, 0, poses.size(), stride);
  const torch::Tensor truth = RootCentredJoints(poses).slice(0, 0, poses.size(), stride);
  const int64_t count = keypoints.size(0);
  torch::Tensor seen = DrawMasks(count, options.masks, options.seed);
  seen.slice(0, 0, count, 2).fill_(true);

  const Perturbations perturbations = DrawPerturbations(kFewestHypotheses, device);
  ErrorsByState own, others;
  for (int64_t first = 0; first < count; first += kChunk) {
    const int64_t size = std::min(kChunk, count - first);
    const torch::Tensor shown = seen.narrow(0, first, size);
    const torch::Tensor x = keypoints.narrow(0, first, size);
    const torch::Tensor targets = SupervisedTargets(x, truth.narrow(0, first, size));
    const torch::Tensor x_shown = x.to(device), shown_there = shown.to(device);
    const CompletedPoses answer = CompletePoses(lifters, completion, x_shown, shown_there);
    const Hypotheses hypotheses =
        OtherAnswers(lifters, completion, x_shown, shown_there, answer, perturbations, {1, 1, 1});
    const torch::Tensor error = (answer.joints.cpu() - targets).norm(2, -1);
    const torch::Tensor deviation = hypotheses.deviation.cpu(), lifted = answer.lifted.cpu();
    for (int64_t i = 0; i < size; ++i) {
      const std::string& subject = poses.subject[static_cast<size_t>((first + i) * stride)];
      Append(subjects.at(subject) % 2 == 0 ? own : others, error[i], deviation[i], shown[i], lifted[i]);
    }
  }
  SpreadCalibration calibration;
  calibration.factors = {FactorOf(own[0], calibration.factors.lifted),
                         FactorOf(own[1], calibration.factors.ray),
                         FactorOf(own[2], calibration.factors.guessed)};
  const std::array<double, 3> factors = {calibration.factors.lifted, calibration.factors.ray,
                                         calibration.factors.guessed};
  for (size_t state = 0; state < 3; ++state) {
    calibration.fitted[state] = CoverageOf(own[state], factors[state]);
    calibration.others[state] = CoverageOf(others[state], factors[state]);
  }
  return calibration;
}

}  // namespace links
