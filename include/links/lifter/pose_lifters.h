#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <map>
#include <vector>

#include "links/dataset/joint_select.h"
#include "links/lifter/segment_lifter.h"
#include "links/skeleton/composition.h"

namespace links {

/// Segments lifted: root-centred points without the root, (B, J, 3) in normalised units and the camera frame.
using LiftedSegments = std::map<Segment, torch::Tensor>;

/// A lifted segment and the camera's elevation, (B) radians.
struct LiftedWithElevation {
  torch::Tensor points;
  torch::Tensor elevation;
};

/// The lifters of the chosen segments and the compositions of their results.
class PoseLiftersImpl : public torch::nn::Module {
 public:
  PoseLiftersImpl(const std::vector<Segment>& segments, const LifterOptions& options, bool include_root);

  /// pose: (B, 17, 2) normalised; only the segment's joints are looked at.
  torch::Tensor Lift(Segment segment, const torch::Tensor& pose);
  LiftedWithElevation LiftWithElevation(Segment segment, const torch::Tensor& pose);

  /// The whole pose of a composition, root at the origin: (B, 17, 3). Unknown joints lie at the origin.
  torch::Tensor Compose(const Composition& composition, const LiftedSegments& lifted);

  /// Lifts what the composition needs and composes it: (B, 17, 2) -> (B, 17, 3).
  torch::Tensor LiftPose(const Composition& composition, const torch::Tensor& pose);

  /// Takes the standardisation of every lifter from the training poses (N, 17, 2).
  void FitStandardisation(const torch::Tensor& poses);

  bool Has(const Composition& composition) const;
  SegmentLifter& lifter(Segment segment) { return lifters_.at(segment); }
  const std::vector<Segment>& segments() const { return segments_; }

 private:
  // The points of the keypoints (B, J, 2) that a lifter takes.
  torch::Tensor Points(Segment segment, const torch::Tensor& keypoints, const torch::Tensor& shared);

  std::vector<Segment> segments_;
  bool include_root_;
  std::map<Segment, SegmentLifter> lifters_;
  std::map<Segment, JointSelect> inputs_;         // the joints a lifter takes
  std::map<std::string, torch::Tensor> columns_;  // of each composition, on the device it was last used on
};
TORCH_MODULE(PoseLifters);

}  // namespace links
