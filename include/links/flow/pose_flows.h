#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <map>

#include "links/dataset/joint_select.h"
#include "links/flow/real_nvp.h"
#include "links/skeleton/segments.h"

namespace links {

/// The five flows: legs, torso, left, right and full pose.
class PoseFlowsImpl : public torch::nn::Module {
 public:
  /// full_pca: principal components that the full-pose flow sees, 0 = the pose itself.
  PoseFlowsImpl(const FlowOptions& options, bool include_root, int64_t full_pca = 0);

  /// The flow input of a segment: pose (B, 17, 2) -> (B, D), coordinate-major.
  torch::Tensor Input(Segment segment, const torch::Tensor& pose);
  /// The pose of a full-pose flow output: (B, D) -> (B, 17, 2), root at (0, 0).
  torch::Tensor Pose(const torch::Tensor& columns);
  /// pose: (B, 17, 2) -> (B) nats.
  torch::Tensor NegativeLogLikelihood(Segment segment, const torch::Tensor& pose);

  RealNvp& flow(Segment segment) { return flows_.at(segment); }

 private:
  bool include_root_;
  std::map<Segment, RealNvp> flows_;
  std::map<Segment, JointSelect> joints_;
};
TORCH_MODULE(PoseFlows);

}  // namespace links
