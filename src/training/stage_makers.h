#pragma once

#include "links/run/networks.h"
#include "links/training/stage.h"

namespace links {

/// At most `most` of the training poses, taken evenly, on the device: (n, 17, 2). They are the same for all
/// runs side by side.
torch::Tensor TakePoses(const StageData& data, int64_t most);

// StageKind::make of each row of Stages().

/// Eq. 4: the full-pose flow on real poses and its own samples (eq. 3).
Stage MakeFullFlowStage(const StageData& data, Networks& networks, const PoseData& training);
/// Eq. 4: the segment flows on the segments of real poses and of samples from the frozen full-pose flow.
Stage MakeSegmentFlowsStage(const StageData& data, Networks& networks, const PoseData& training);
/// Eq. 10: the lifters of all groups on real and sampled poses, the flows frozen.
Stage MakeLiftersStage(const StageData& data, Networks& networks, const PoseData& training);
/// Eq. 7: the fillers O_3D and O_2D, the lifters frozen.
Stage MakeOcclusionStage(const StageData& data, Networks& networks, const PoseData& training);
/// The completion network for every mask, the lifters frozen.
Stage MakeCompletionStage(const StageData& data, Networks& networks, const PoseData& training);

}  // namespace links
