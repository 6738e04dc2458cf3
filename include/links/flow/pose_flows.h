#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <vector>

#include "links/flow/real_nvp.h"
#include "links/skeleton/segments.h"

namespace links {

/// The flows of one run or of an ensemble (network/ensemble.h): one of the full pose, and those of the
/// segments.
class PoseFlowsImpl : public torch::nn::Module {
 public:
  /// segments: whose flows there are beside the full pose's, in the order of kSegments. full_pca: principal
  /// components that the full-pose flow sees, 0 = the pose itself. runs: R of an ensemble.
  PoseFlowsImpl(const FlowOptions& options, bool include_root, const std::vector<Segment>& segments,
                int64_t full_pca = 0, int64_t runs = 1);

  /// The input of the full-pose flow: pose (..., B, 17, 2) -> (..., B, D), coordinate-major.
  torch::Tensor FullInput(const torch::Tensor& pose);
  /// The pose of a full-pose flow output: (..., B, D) -> (..., B, 17, 2), root at (0, 0).
  torch::Tensor Pose(const torch::Tensor& features);
  /// Eq. 2 for each segment: poses (..., B, 17, 2), or (N, ..., B, 17, 2), one for each -> (N, ..., B) nats.
  /// Of several segments none is the full pose, and they follow each other in segments().
  torch::Tensor NegativeLogLikelihood(const std::vector<Segment>& which, const torch::Tensor& poses);
  /// Fits what the options ask for (principal components, standardisation) to the training poses (N, 17, 2),
  /// the same for every run.
  void FitFull(const torch::Tensor& poses);
  void FitSegments(const torch::Tensor& poses);

  int64_t runs() const { return runs_; }
  RealNvp& full() { return full_; }
  /// The segments' flows, in the order of segments(); null without any.
  RealNvp& stack() { return stack_; }
  const std::vector<Segment>& segments() const { return segments_; }

 private:
  // The input of the segments' flows from `first` on: (N, ..., B, 17, 2) or (..., B, 17, 2) -> (N, ..., B,
  // D).
  torch::Tensor StackInput(int64_t first, int64_t count, const torch::Tensor& poses);

  bool include_root_;
  int64_t runs_;
  std::vector<Segment> segments_;
  RealNvp full_{nullptr}, stack_{nullptr};
  torch::Tensor
      indices_;  // (S, D) int64: for each channel of the stack one of 34 pose features, or 34 = none
};
TORCH_MODULE(PoseFlows);

}  // namespace links
