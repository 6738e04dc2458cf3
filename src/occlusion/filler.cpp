#include "links/occlusion/filler.h"

#include <torch/torch.h>

#include "links/dataset/features.h"
#include "links/geometry/shapes.h"

namespace links {
namespace {

// (8, 17) bool.
torch::Tensor Known() {
  std::vector<std::vector<int>> joints;
  for (const Scenario& scenario : Scenarios()) joints.push_back(scenario.Known());
  return JointMask(joints);
}

// (8, 17) bool.
torch::Tensor Missing() {
  std::vector<std::vector<int>> joints;
  for (const Scenario& scenario : Scenarios()) joints.push_back(scenario.missing);
  return JointMask(joints);
}

}  // namespace

ScenarioFillersImpl::ScenarioFillersImpl(int64_t coordinates, const FillerOptions& options, int64_t runs)
    : coordinates_(coordinates),
      runs_(runs),
      fits_standardisation_(options.standardise),
      known_(register_buffer("known", FeatureMask(Known(), coordinates).unsqueeze(1).unsqueeze(1))),
      missing_(register_buffer("missing", Missing().unsqueeze(1).unsqueeze(-1))),
      standardise_(register_module("standardise", Standardise(coordinates * kJoints, runs))),
      network_(register_module(
          "network",
          ResidualNetwork(FeatureMask(Known(), coordinates).repeat_interleave(runs, 0), options.width,
                          options.blocks, FeatureMask(Missing(), coordinates).repeat_interleave(runs, 0)))) {}

torch::Tensor ScenarioFillersImpl::Fill(const torch::Tensor& poses, int64_t first, int64_t count) {
  CheckLastSizes(poses, {-1, kJoints, coordinates_}, "poses");
  const torch::Tensor columns = standardise_(poses.flatten(-2).unflatten(-2, {runs_, -1}));
  const torch::Tensor seen =  // (count, R, B, columns)
      torch::where(known_.narrow(0, first, count), columns, torch::zeros({}, columns.options()));
  const torch::Tensor said = network_->forward(seen.flatten(0, 1), first * runs_);
  return standardise_->Inverse(said.unflatten(0, {count, runs_}))
      .flatten(1, 2)
      .unflatten(-1, {kJoints, coordinates_});
}

torch::Tensor ScenarioFillersImpl::Complete(int64_t scenario, const torch::Tensor& pose) {
  return torch::where(missing_[scenario], Fill(pose, scenario, 1).squeeze(0), pose);
}

void ScenarioFillersImpl::FitStandardisation(const torch::Tensor& poses) {
  if (fits_standardisation_) standardise_->Fit(poses.flatten(1).unflatten(0, {runs_, -1}));
}

FillersImpl::FillersImpl(const FillerOptions& options, int64_t runs)
    : runs_(runs),
      o3d_(register_module("o3d", ScenarioFillers(3, options, runs))),
      o2d_(register_module("o2d", ScenarioFillers(2, options, runs))) {}

}  // namespace links
