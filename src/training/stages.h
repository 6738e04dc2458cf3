#pragma once

#include <memory>
#include <string>

#include "links/evaluation/validation.h"
#include "links/training/networks.h"
#include "links/training/stage.h"

namespace links {

/// At most `most` of the training poses, taken evenly, on the device: (n, 17, 2).
torch::Tensor TakePoses(const StageData& data, int64_t most);

std::shared_ptr<Validation> MakeValidation(const StageData& data, const PoseData& poses);

/// The networks of each stage with their names in its checkpoint.
NamedModules FullFlowModules(Networks& networks);
NamedModules SegmentFlowModules(Networks& networks);
NamedModules LifterModules(Networks& networks);
NamedModules FillerModules(Networks& networks);
NamedModules CompletionModules(Networks& networks);

/// The full-pose flow on real poses and its own samples (method sec. 3).
Stage FullFlowStage(const StageData& data, Networks& networks);

/// The segment flows on the segments of real poses and of samples from the frozen full-pose flow.
Stage SegmentFlowsStage(const StageData& data, Networks& networks);

/// The lifters of all groups on real and sampled poses, the flows frozen (method sec. 4).
Stage LiftersStage(const StageData& data, Networks& networks, const PoseData& training,
                   const PoseData& validation);

/// The fillers, the lifters frozen (method sec. 5).
Stage OcclusionStage(const StageData& data, Networks& networks, const PoseData& validation);

/// The completion network for every mask, the lifters frozen.
Stage CompletionStage(const StageData& data, Networks& networks, const PoseData& validation);

/// The stage of a name of StageNames().
Stage MakeStage(const std::string& name, const StageData& data, Networks& networks, const PoseData& training,
                const PoseData& validation);

}  // namespace links
