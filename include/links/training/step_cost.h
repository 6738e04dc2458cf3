#pragma once

#include <cstdint>

#include "links/run/networks.h"
#include "links/run/run_config.h"

namespace links {

/// The least that a piece of work has to compute and move.
struct Cost {
  double gflop = 0;  ///< in matrix products, two for each multiplication and addition
  double gbyte = 0;  ///< of memory traffic in weights, gradients and moments
};

// A training step's cost from the sizes of its networks, padding not counted, one function a stage. A layer
// of n weights that `rows` rows pass costs 2 n rows in the forward product and as much for each gradient it
// needs, of its weights and of its input. Adam reads values, gradients and two moments and writes all but the
// gradients: 28 bytes a weight.
Cost FullFlowCost(const RunConfig& config, Networks& networks);
Cost SegmentFlowsCost(const RunConfig& config, Networks& networks);
Cost LiftersCost(const RunConfig& config, Networks& networks);
Cost OcclusionCost(const RunConfig& config, Networks& networks);
Cost CompletionCost(const RunConfig& config, Networks& networks);

/// Lifting `poses` poses with the legs and torso lifters: 2 n a pose, and each weight read once.
Cost LiftingCost(int64_t poses, Networks& networks);

}  // namespace links
