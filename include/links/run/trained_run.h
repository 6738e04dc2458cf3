#pragma once

#include <set>
#include <string>

#include "links/completion/hypotheses.h"
#include "links/dataset/normalisation.h"
#include "links/run/networks.h"
#include "links/run/run_config.h"
#include "links/run/run_directory.h"

namespace links {

/// A trained run, to be evaluated, sampled from or lifted with.
struct TrainedRun {
  RunConfig config;
  Normalisation normalisation;
  Networks networks;          ///< those asked for; what is not trained has its initial weights
  SpreadFactors spread = {};  ///< of spread.yaml, where links calibrate wrote it
  bool has_flows = false;     ///< the full pose's
  bool has_segment_flows = false;
  bool has_lifters = false;
  bool has_fillers = false;
  bool has_completion = false;
  bool has_spread = false;  ///< whether `spread` is the run's own
};

/// Loads what a run has finished, of the networks of these names (run/networks.h). Throws Error when the run
/// has finished nothing.
TrainedRun LoadRun(const RunDirectory& directory, torch::Device device,
                   const std::set<std::string>& wanted = NetworkNames());

/// Throws Error unless the run's lifters and completion are trained and loaded.
void CheckCompletion(const TrainedRun& run);

}  // namespace links
