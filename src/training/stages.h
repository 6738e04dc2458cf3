#pragma once

#include <memory>
#include <string>

#include "links/evaluation/validation.h"
#include "links/training/networks.h"
#include "links/training/stage.h"

namespace links {

/// At most `most` of the training poses, taken evenly, on the device: (n, 17, 2). They are the same for all
/// runs side by side.
torch::Tensor TakePoses(const StageData& data, int64_t most);

// The stages' losses and what they are fitted to, for the networks of one run or of runs side by side.

/// The full-pose flow on real poses and its own samples (method sec. 3).
Stage FullFlowStage(const StageData& data, Networks& networks);
/// The segment flows on the segments of real poses and of samples from the frozen full-pose flow.
Stage SegmentFlowsStage(const StageData& data, Networks& networks);
/// The lifters of all groups on real and sampled poses, the flows frozen (method sec. 4).
Stage LiftersStage(const StageData& data, Networks& networks, const PoseData& training);
/// The fillers, the lifters frozen (method sec. 5).
Stage OcclusionStage(const StageData& data, Networks& networks);
/// The completion network for every mask, the lifters frozen.
Stage CompletionStage(const StageData& data, Networks& networks);

/// The stage of a name of StageNames(), with its networks. of_runs: those of each run where `networks` are of
/// runs side by side, else empty.
Stage MakeStage(const std::string& name, const StageData& data, Networks& networks,
                const std::vector<Networks>& of_runs, const PoseData& training, const PoseData& validation);

/// The networks of a stage with their names in its checkpoint.
NamedModules StageModules(const std::string& name, Networks& networks);

}  // namespace links
