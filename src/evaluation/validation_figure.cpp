#include "links/evaluation/validation_figure.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "links/device/host_copy.h"
#include "links/evaluation/named_lifting.h"

namespace links {
namespace {

constexpr int64_t kSampled = 6, kLifted = 4;
constexpr uint64_t kSampleSeed = 1;

// Row `i` of `count`, spread over the poses.
int64_t Spread(int64_t i, int64_t count, int64_t poses) {
  return i * poses / count;
}

torch::Tensor SpreadPoses(const Validation& validation, int64_t count) {
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < count; ++i) rows.push_back(Spread(i, count, validation.poses().size()));
  const torch::Tensor& keypoints = validation.keypoints();
  return keypoints.index_select(0, torch::tensor(rows, torch::kInt64).to(keypoints.device()));
}

// Nothing of a pose that is not finite: a picture ends no training.
GridPose Cell(const torch::Tensor& joints, std::vector<bool> guessed = {}) {
  if (!joints.isfinite().all().item<bool>()) return {};
  return {Floats(joints), std::move(guessed)};
}

// A lifted pose, at the size of the true one where that is known.
GridPose LiftedCell(const torch::Tensor& joints, const torch::Tensor& truth, std::vector<bool> guessed = {}) {
  return Cell(truth.defined() ? AtTrueScale(joints, truth) : joints, std::move(guessed));
}

// (N, 17, 3) mm, root-centred; undefined where it is not known.
torch::Tensor TruthOf(const Validation& validation) {
  return validation.poses().joints_3d.empty() ? torch::Tensor() : RootCentredJoints(validation.poses());
}

}  // namespace

std::string InTwoLines(std::string name) {
  std::ranges::replace(name, '_', ' ');
  if (const size_t space = name.find(' '); space != std::string::npos) name[space] = '\n';
  return name;
}

torch::Tensor AtTrueScale(const torch::Tensor& predicted, const torch::Tensor& truth) {
  return predicted * (truth.norm() / predicted.norm().clamp_min(1e-12));
}

PoseGrid SampledFigure(const Validation& validation, PoseFlows& flows, const SamplerOptions& options) {
  PoseGrid grid;
  if (validation.poses().size() == 0) return grid;
  const torch::Tensor poses = SpreadPoses(validation, kSampled);
  RandomStreams streams(1, poses.device());
  streams.Seed(0, kSampleSeed);
  const torch::Tensor sampled = SamplePoses(flows, poses, options, streams);
  grid.columns.assign(kSampled, "");
  for (const auto& [title, shown] : {std::pair{"poses", poses}, {"sampled", sampled}}) {
    PoseGridRow& row = grid.rows.emplace_back();
    row.title = title;
    for (int64_t i = 0; i < kSampled; ++i) row.cells.push_back(Cell(shown[i]));
  }
  return grid;
}

PoseGrid LiftersFigure(const Validation& validation, PoseLifters& lifters) {
  PoseGrid grid;
  const int64_t poses = validation.poses().size();
  if (poses == 0) return grid;
  const torch::Tensor shown = SpreadPoses(validation, kLifted), truth = TruthOf(validation);
  const auto truth_of = [&](int64_t i) {
    return truth.defined() ? truth[Spread(i, kLifted, poses)] : torch::Tensor();
  };
  grid.columns = {"2D"};
  for (int64_t i = 0; i < kLifted; ++i) grid.rows.push_back({"", {Cell(shown[i])}});
  for (const LiftedPoses& lifted : LiftAll(lifters, shown)) {
    if (lifted.composition == "flat") continue;
    grid.columns.push_back(InTwoLines(lifted.composition));
    for (int64_t i = 0; i < kLifted; ++i)
      grid.rows[i].cells.push_back(LiftedCell(lifted.joints[i], truth_of(i)));
  }
  if (!truth.defined()) return grid;
  grid.columns.emplace_back("truth");
  for (int64_t i = 0; i < kLifted; ++i) grid.rows[i].cells.push_back(Cell(truth_of(i)));
  return grid;
}

PoseGrid ScenariosFigure(const Validation& validation, const std::vector<std::string>& fillers_shown,
                         const std::vector<Scenario>& scenarios, PoseLifters& lifters, Fillers* fillers,
                         Completion* completion) {
  PoseGrid grid;
  const int64_t poses = validation.poses().size();
  if (poses == 0) return grid;
  const torch::Tensor truth = TruthOf(validation);
  grid.columns = {"2D"};
  grid.columns.insert(grid.columns.end(), fillers_shown.begin(), fillers_shown.end());
  if (truth.defined()) grid.columns.emplace_back("truth");
  const auto count = static_cast<int64_t>(scenarios.size());
  for (int64_t i = 0; i < count; ++i) {
    const Scenario& scenario = scenarios[i];
    const int64_t pose = Spread(i, count, poses);
    const torch::Tensor keypoints = validation.keypoints().narrow(0, pose, 1);
    const torch::Tensor own = truth.defined() ? truth[pose] : torch::Tensor();
    std::vector<bool> hidden(kJoints);
    for (const int joint : scenario.missing) hidden[joint] = true;
    PoseGridRow& row = grid.rows.emplace_back();
    row.title = InTwoLines(scenario.name);
    row.cells.push_back(Cell(keypoints[0], hidden));
    for (const std::string& filler : fillers_shown) {
      const NamedLifting lifted =
          LiftNamed(lifters, fillers, completion, {"legs_torso", scenario.name, filler}, keypoints);
      row.cells.push_back(LiftedCell(lifted.joints[0], own, hidden));
    }
    if (own.defined()) row.cells.push_back(Cell(own));
  }
  return grid;
}

}  // namespace links
