#include "links/occlusion/filler.h"

#include <torch/types.h>

#include "links/dataset/features.h"
#include "links/geometry/shapes.h"
#include "links/network/ensemble.h"

namespace links {
namespace {

std::vector<Scenario> Chosen(const FillerOptions& options) {
  std::vector<Scenario> chosen;
  for (const std::string& name : options.scenarios) chosen.push_back(Scenarios()[IndexOfScenario(name)]);
  return chosen;
}

// (S, 17) bool.
torch::Tensor Known(const std::vector<Scenario>& scenarios) {
  std::vector<std::vector<int>> joints;
  for (const Scenario& scenario : scenarios) joints.push_back(scenario.Known());
  return JointMask(joints);
}

// (S, 17) bool.
torch::Tensor Missing(const std::vector<Scenario>& scenarios) {
  std::vector<std::vector<int>> joints;
  for (const Scenario& scenario : scenarios) joints.push_back(scenario.missing);
  return JointMask(joints);
}

}  // namespace

ScenarioFillersImpl::ScenarioFillersImpl(int64_t coordinates, const FillerOptions& options, int64_t runs)
    : scenarios_(Chosen(options)),
      coordinates_(coordinates),
      fits_standardisation_(options.standardise),
      known_(register_buffer(
          "known", ForEachRun(FeatureMask(Known(scenarios_), coordinates), runs).unsqueeze(-2).contiguous())),
      missing_(register_buffer(
          "missing", ForEachRun(Missing(scenarios_), runs).unsqueeze(-2).unsqueeze(-1).contiguous())),
      standardise_(register_module("standardise",
                                   Standardise(ForEachRun(AllFeatures(1, coordinates * kJoints), runs)))),
      network_(register_module(
          "network", ResidualNetwork(ForEachRun(FeatureMask(Known(scenarios_), coordinates), runs),
                                     options.width, options.blocks,
                                     ForEachRun(FeatureMask(Missing(scenarios_), coordinates), runs)))) {}

torch::Tensor ScenarioFillersImpl::Fill(const torch::Tensor& poses, int64_t first, int64_t count) {
  CheckLastSizes(poses, {-1, kJoints, coordinates_}, "poses");
  const torch::Tensor features = standardise_(poses.flatten(-2));
  const torch::Tensor seen =  // (count, ..., B, 17 K)
      torch::where(known_.narrow(0, first, count), features, torch::zeros({}, features.options()));
  return standardise_->Inverse(network_->forward(seen, first)).unflatten(-1, {kJoints, coordinates_});
}

torch::Tensor ScenarioFillersImpl::Complete(const Scenario& scenario, const torch::Tensor& pose) {
  const auto index = static_cast<int64_t>(IndexOfScenario(scenario.name, scenarios_));
  return torch::where(missing_[index], Fill(pose, index, 1).squeeze(0), pose);
}

void ScenarioFillersImpl::FitStandardisation(const torch::Tensor& poses) {
  if (fits_standardisation_) standardise_->Fit(poses.flatten(-2));
}

FillersImpl::FillersImpl(const FillerOptions& options, int64_t runs)
    : runs_(runs),
      scenarios_(Chosen(options)),
      o3d_(register_module("o3d", ScenarioFillers(3, options, runs))),
      o2d_(register_module("o2d", ScenarioFillers(2, options, runs))) {}

}  // namespace links
