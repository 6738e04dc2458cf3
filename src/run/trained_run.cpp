#include "links/run/trained_run.h"

#include <torch/types.h>

#include <algorithm>
#include <filesystem>

#include "links/config/config.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/run/finished_stage.h"

namespace links {

TrainedRun LoadRun(const RunDirectory& directory, torch::Device device, const std::set<std::string>& wanted) {
  const RunConfig config = directory.ReadStoredConfig();
  TrainedRun run{config, {}, Networks(config, device, wanted)};
  std::vector<std::string> loaded;
  bool any = false;
  for (const std::string& stage : directory.StoredStages()) {
    const auto header = Finished(directory, stage);
    if (!header) continue;
    run.normalisation = header->normalisation;
    run.normalisation.scale = config.data.scale;
    any = true;
    const bool is_wanted =
        std::ranges::all_of(header->networks, [&](const std::string& name) { return wanted.contains(name); });
    if (!is_wanted) continue;
    ReadCheckpoint(directory.CheckpointPath(stage), StateOf(run.networks.Select(header->networks)));
    loaded.insert(loaded.end(), header->networks.begin(), header->networks.end());
  }
  const auto has = [&](const char* network) { return std::ranges::find(loaded, network) != loaded.end(); };
  run.has_flows = has(kFullFlow);
  run.has_segment_flows = has(kSegmentFlows);
  run.has_lifters = has(kLifters);
  run.has_fillers = has(kFiller3d) && has(kFiller2d);
  run.has_completion = has(kCompletion);
  if (const std::string path = directory.SpreadPath(); std::filesystem::exists(path)) {
    ReadConfigText(ReadFile(path), path, {}, run.spread);
    run.has_spread = true;
  }
  if (!any) throw Error("expected a trained run in '", directory.path(), "', found no finished stage");
  return run;
}

void CheckCompletion(const TrainedRun& run) {
  if (run.has_lifters && run.has_completion) return;
  throw Error("expected a run whose stage completion is trained, found none: links train --stage completion");
}

}  // namespace links
