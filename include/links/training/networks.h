#pragma once

#include <torch/types.h>

#include "links/completion/completion.h"
#include "links/flow/pose_flows.h"
#include "links/lifter/pose_lifters.h"
#include "links/occlusion/filler.h"
#include "links/training/run_config.h"

namespace links {

/// Every network of a run, freshly initialised from the run's seed and frozen: a TrainStep trains its own.
struct Networks {
  Networks(const RunConfig& config, torch::Device device);

  PoseFlows flows{nullptr};
  PoseLifters lifters{nullptr};
  Fillers fillers{nullptr};
  Completion completion{nullptr};
};

/// The groups of lifters that the configuration trains, in the order of the configuration.
std::vector<LifterGroup> LifterGroups(const RunConfig& config);

/// The segments whose flows the configuration trains, in the order of kSegments.
std::vector<Segment> SegmentFlows(const RunConfig& config);

/// A seed for one use of randomness, from the run's seed, the name of the use and a number.
uint64_t DeriveSeed(int64_t seed, const std::string& use, int64_t number = 0);

}  // namespace links
