#pragma once

#include <torch/types.h>

#include <memory>
#include <string>
#include <vector>

#include "links/synthetic/synthetic.h"
#include "links/training/stages.h"

namespace links::test {

/// A stage of some runs with everything that it needs, on a device.
struct PreparedStage {
  PreparedStage(const std::string& name, const std::vector<RunConfig>& configs, torch::Device device)
      : normalisation(Normalisation::Of(poses)),
        data{configs, normalisation, normalisation.Keypoints(poses).to(device), device} {
    if (configs.size() > 1) {
      for (const RunConfig& config : configs) of_runs.emplace_back(config, device);
    }
    networks =
        std::make_unique<Networks>(of_runs.empty() ? Networks(configs.front(), device)
                                                   : Networks::Ensemble(configs.front(), device, of_runs));
    stage = MakeStage(StageNamed(name), data, *networks, of_runs, poses, poses);
  }

  PoseData poses = Synthesize({.poses = 80, .seed = 4});
  Normalisation normalisation;
  StageData data;
  std::vector<Networks> of_runs;
  std::unique_ptr<Networks> networks;
  Stage stage;
};

}  // namespace links::test
