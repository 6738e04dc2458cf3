#pragma once

#include <vector>

#include "links/training/networks.h"
#include "links/training/stage.h"

namespace links {

/// The networks of each stage with their names in its checkpoint.
NamedModules FullFlowModules(Networks& networks);
NamedModules SegmentFlowModules(Networks& networks);
NamedModules LifterModules(Networks& networks);
NamedModules FillerModules(Networks& networks);
NamedModules CompletionModules(Networks& networks);

/// The full-pose flow on real poses and its own samples (method sec. 3).
Stage FullFlowStage(RunContext& run, Networks& networks);

/// The segment flows on the segments of real poses and of samples from the frozen full-pose flow.
Stage SegmentFlowsStage(RunContext& run, Networks& networks);

/// The lifters of all groups on real and sampled poses, the flows frozen (method sec. 4).
Stage LiftersStage(RunContext& run, Networks& networks, const PoseData& training, const PoseData& validation);

/// The fillers, the lifters frozen (method sec. 5).
Stage OcclusionStage(RunContext& run, Networks& networks, const PoseData& validation);

/// The completion network for every mask, the lifters frozen.
Stage CompletionStage(RunContext& run, Networks& networks, const PoseData& validation);

}  // namespace links
