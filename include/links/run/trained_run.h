#pragma once

#include "links/dataset/normalisation.h"
#include "links/run/networks.h"
#include "links/run/run_config.h"
#include "links/run/run_directory.h"

namespace links {

/// A trained run, to be evaluated, sampled from or lifted with.
struct TrainedRun {
  RunConfig config;
  Normalisation normalisation;
  Networks networks;  ///< what is not trained has its initial weights
  bool has_flows = false;
  bool has_lifters = false;
  bool has_fillers = false;
  bool has_completion = false;
};

/// Loads what a run has finished. Throws Error when that is nothing.
TrainedRun LoadRun(const RunDirectory& directory, torch::Device device);

}  // namespace links
