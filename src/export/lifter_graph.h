#pragma once

#include "graph.h"
#include "pose_input.h"

namespace links {

/// What the lifters say of poses with gaps (LiftSeen).
struct LiftedInGraph {
  Value points;  ///< (N, 17, 3), of joints that are lifted
  Value lifted;  ///< (N, 17) bool
};

/// keypoints: (N, 17, 2) normalised around the root, 0 where unseen; seen_as_1: (N, 17), the root counts.
LiftedInGraph AddLiftSeen(Graph& graph, TrainedRun& run, const Value& keypoints, const Value& seen_as_1);

/// A pose of which every joint is known (PoseLiftersImpl::LiftMean of its whole pose): (N, 17, 2) -> (N, 17,
/// 3).
Value AddLiftWhole(Graph& graph, TrainedRun& run, const Value& keypoints);

// The whole of it: from the input to the outputs.
void AddLifter(Graph& graph, TrainedRun& run, const ExportOptions& options);
void AddCompletion(Graph& graph, TrainedRun& run, const ExportOptions& options);
void AddFlow(Graph& graph, TrainedRun& run, const ExportOptions& options);
void AddFlowInverse(Graph& graph, TrainedRun& run, const ExportOptions& options);

/// The outputs of lifted poses: "joints" (N, 17, 3), NaN where unknown; "states" (N, 17); "root_px" (N, 2);
/// "scale_px" (N). Where a pose is not `usable`, (N, 1) bool, all are NaN and the states kNoPose.
struct PoseOutput {
  Value usable;
  Value known;   ///< (N, 17) bool
  Value joints;  ///< (N, 17, 3)
  Value lifted;  ///< (N, 17) bool
  Value root;    ///< (N, 1, 2) normalised, from the input's origin
};
void AddPoseOutput(Graph& graph, const PoseInput& input, const PoseOutput& output);

inline constexpr int kNoPose = -1;

}  // namespace links
