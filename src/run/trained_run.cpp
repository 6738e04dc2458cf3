#include "links/run/trained_run.h"

#include <torch/types.h>

#include <algorithm>

#include "links/core/error.h"
#include "links/run/finished_stage.h"

namespace links {

TrainedRun LoadRun(const RunDirectory& directory, torch::Device device) {
  const RunConfig config = directory.ReadStoredConfig();
  TrainedRun run{config, {}, Networks(config, device)};
  std::vector<std::string> loaded;
  for (const std::string& stage : directory.StoredStages()) {
    const auto header = LoadFinished(directory, stage, run.networks);
    if (!header) continue;
    run.normalisation = header->normalisation;
    loaded.insert(loaded.end(), header->networks.begin(), header->networks.end());
  }
  const auto has = [&](const char* network) { return std::ranges::find(loaded, network) != loaded.end(); };
  run.has_flows = has(kFullFlow);
  run.has_lifters = has(kLifters);
  run.has_fillers = has(kFiller3d) && has(kFiller2d);
  run.has_completion = has(kCompletion);
  if (loaded.empty())
    throw Error("expected a trained run in '", directory.path(), "', found no finished stage");
  return run;
}

}  // namespace links
