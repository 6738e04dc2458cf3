#include "links/occlusion/filler.h"

#include <torch/torch.h>

#include "links/geometry/shapes.h"

namespace links {
namespace {

// Joints of each scenario, each as often as it has columns: (8, 17 columns) bool.
torch::Tensor Columns(std::vector<int> (*joints_of)(const Scenario&), int64_t columns) {
  const std::vector<Scenario>& scenarios = Scenarios();
  torch::Tensor rows = torch::zeros({static_cast<int64_t>(scenarios.size()), kJoints}, torch::kBool);
  for (size_t i = 0; i < scenarios.size(); ++i) {
    for (const int joint : joints_of(scenarios[i])) rows[static_cast<int64_t>(i)][joint] = true;
  }
  return rows.repeat_interleave(columns, 1);
}

std::vector<int> Known(const Scenario& scenario) {
  return scenario.Known();
}

std::vector<int> Missing(const Scenario& scenario) {
  return scenario.missing;
}

}  // namespace

ScenarioFillersImpl::ScenarioFillersImpl(int64_t coordinates, const FillerOptions& options)
    : coordinates_(coordinates),
      fits_standardisation_(options.standardise),
      known_(register_buffer("known", Columns(Known, coordinates).unsqueeze(1))),
      missing_(register_buffer("missing", Columns(Missing, 1).unsqueeze(1).unsqueeze(-1))),
      standardise_(register_module("standardise", Standardise(coordinates * kJoints))),
      network_(register_module("network", ResidualNetwork(Columns(Known, coordinates), options.width,
                                                          options.blocks, Columns(Missing, coordinates)))) {}

torch::Tensor ScenarioFillersImpl::Fill(const torch::Tensor& poses, int64_t first, int64_t count) {
  CheckLastSizes(poses, {-1, kJoints, coordinates_}, "poses");
  const torch::Tensor columns = standardise_(poses.flatten(-2));
  const torch::Tensor seen =
      torch::where(known_.narrow(0, first, count), columns, torch::zeros({}, columns.options()));
  return standardise_->Inverse(network_->forward(seen, first)).unflatten(-1, {kJoints, coordinates_});
}

torch::Tensor ScenarioFillersImpl::Complete(int64_t scenario, const torch::Tensor& pose) {
  return torch::where(missing_[scenario], Fill(pose, scenario, 1).squeeze(0), pose);
}

void ScenarioFillersImpl::FitStandardisation(const torch::Tensor& poses) {
  if (fits_standardisation_) standardise_->Fit(poses.flatten(1));
}

FillersImpl::FillersImpl(const FillerOptions& options)
    : o3d_(register_module("o3d", ScenarioFillers(3, options))),
      o2d_(register_module("o2d", ScenarioFillers(2, options))) {}

}  // namespace links
