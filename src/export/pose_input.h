#pragma once

#include "graph.h"
#include "links/export/export.h"

namespace links {

/// Poses in pixels as the networks take them: what PoseEstimator does before it asks them.
struct PoseInput {
  Value seen;       ///< (N, 17) bool
  Value seen_as_1;  ///< (N, 17) 1 or 0
  Value keypoints;  ///< (N, 17, 2) normalised, from the origin; 0 where not seen
  Value origin_px;  ///< (N, 1, 2) the root, or where unseen the middle of the joints seen
  Value scale_px;   ///< (N, 1) head top-root distance
  Value has_scale;  ///< (N, 1) bool
};

/// The inputs "keypoints" (N, 17, 2), pixels, and "confidence" (N, 17), and what becomes of them. Throws
/// Error where a person's own scale is asked for and the run has no completion, which knows the bones.
PoseInput AddPoseInput(Graph& graph, const TrainedRun& run, const ExportOptions& options);

/// (N, 1) bool: whether these joints are all seen.
Value AllSeen(Graph& graph, const Value& seen_as_1, const std::vector<int>& joints);

/// Pixels of a normalised unit, (N, 1) -> (N, 1).
Value UnitPx(Graph& graph, const Value& scale_px);

}  // namespace links
