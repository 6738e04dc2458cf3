#include <torch/torch.h>

#include "finished_stage.h"
#include "links/core/error.h"
#include "links/training/train_run.h"

namespace links {

TrainedRun LoadRun(const RunDirectory& directory, torch::Device device) {
  const RunConfig config = directory.ReadStoredConfig();
  TrainedRun run{config, {}, Networks(config, device)};
  const auto load = [&](const std::string& stage) {
    const auto header = LoadFinished(directory, stage, run.networks);
    if (header) run.normalisation = header->normalisation;
    return header.has_value();
  };
  run.has_flows = load("full_flow");
  run.has_lifters = load("lifters");
  run.has_fillers = load("occlusion");
  run.has_completion = load("completion");
  if (!run.has_flows && !run.has_lifters) {
    throw Error("expected a trained run in '", directory.path(), "', found no finished stage");
  }
  return run;
}

}  // namespace links
