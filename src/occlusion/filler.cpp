#include "links/occlusion/filler.h"

#include <torch/torch.h>

#include "links/geometry/shapes.h"

namespace links {
namespace {

torch::nn::Sequential MakeNetwork(int64_t inputs, int64_t outputs, const FillerOptions& options) {
  torch::nn::Sequential network;
  network->push_back(torch::nn::Linear(inputs, options.width));
  for (int64_t block = 0; block < options.blocks; ++block) network->push_back(ResidualBlock(options.width));
  network->push_back(torch::nn::Linear(options.width, outputs));
  return network;
}

}  // namespace

FillerImpl::FillerImpl(const Scenario& scenario, int64_t coordinates, const FillerOptions& options)
    : coordinates_(coordinates),
      fits_standardisation_(options.standardise),
      known_(register_module("known", JointSelect(scenario.Known()))),
      missing_(register_module("missing", JointSelect(scenario.missing))),
      input_(register_module("input", Standardise(coordinates * known_->index.size(0)))),
      output_(register_module("output", Standardise(coordinates * missing_->index.size(0)))),
      network_(register_module("network", MakeNetwork(coordinates * known_->index.size(0),
                                                      coordinates * missing_->index.size(0), options))) {}

torch::Tensor FillerImpl::forward(const torch::Tensor& pose) {
  CheckShape(pose, {-1, kJoints, coordinates_}, "pose");
  return Unflatten(output_->Inverse(network_->forward(input_(Flatten(known_(pose))))), coordinates_);
}

torch::Tensor FillerImpl::Complete(const torch::Tensor& pose) {
  return pose.index_copy(1, missing_->index, forward(pose));
}

void FillerImpl::FitStandardisation(const torch::Tensor& poses) {
  if (!fits_standardisation_) return;
  input_->Fit(Flatten(known_(poses)));
  output_->Fit(Flatten(missing_(poses)));
}

FillersImpl::FillersImpl(const FillerOptions& options) {
  for (const Scenario& scenario : Scenarios()) {
    o3d_.emplace(scenario.name, register_module("o3d_" + scenario.name, Filler(scenario, 3, options)));
    o2d_.emplace(scenario.name, register_module("o2d_" + scenario.name, Filler(scenario, 2, options)));
  }
}

}  // namespace links
