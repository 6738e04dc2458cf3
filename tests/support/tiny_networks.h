#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <vector>

#include "links/flow/pose_flows.h"
#include "links/lifter/pose_lifters.h"
#include "links/occlusion/filler.h"

namespace links::test {

inline PoseLifters TinyLifters(const std::vector<Segment>& segments) {
  torch::manual_seed(11);
  return PoseLifters(segments, LifterOptions{.width = 8, .blocks_per_branch = 1}, /*include_root=*/false);
}

inline const FlowOptions kTinyFlow{.blocks = 2, .width = 8};

inline PoseFlows TinyFlows() {
  torch::manual_seed(12);
  const std::vector<Segment> segments = {Segment::kLegs, Segment::kTorso, Segment::kLeft, Segment::kRight};
  return PoseFlows(kTinyFlow, /*include_root=*/false, segments);
}

inline Fillers TinyFillers() {
  torch::manual_seed(13);
  return Fillers(FillerOptions{.width = 8, .blocks = 1});
}

/// (B, 17, 2) normalised keypoints of the size that real ones have, root at (0, 0).
inline torch::Tensor RandomKeypoints(int64_t batch, uint64_t seed = 1) {
  torch::manual_seed(seed);
  torch::Tensor keypoints = 0.05 * torch::randn({batch, kJoints, 2});
  keypoints.select(1, kRoot).zero_();
  return keypoints;
}

inline void Freeze(torch::nn::Module& module) {
  for (torch::Tensor& parameter : module.parameters()) parameter.requires_grad_(false);
}

}  // namespace links::test
