#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "links/lifter/segment_lifters.h"
#include "links/skeleton/composition.h"

namespace links {

/// What the lifters predict for a batch.
struct LiftedSegments {
  torch::Tensor
      depths;  ///< (S, ..., B, 17) depth offsets, normalised units; only those of the segment's joints count
  torch::Tensor elevation;  ///< (S, ..., B) the camera's elevation, radians
};

/// The lifters of the chosen segments and the compositions of their results, of one run or of an ensemble
/// (network/ensemble.h).
class PoseLiftersImpl : public torch::nn::Module {
 public:
  /// segments: in the order of kSegments. runs: R of an ensemble.
  PoseLiftersImpl(const std::vector<Segment>& segments, const LifterOptions& options, bool include_root,
                  int64_t runs = 1);

  /// The depths that every lifter gives its joints. poses: (..., B, 17, 2), or (S, ..., B, 17, 2), one for
  /// each lifter; only the segment's joints are seen -> (S, ..., B, 17).
  torch::Tensor Depths(const torch::Tensor& poses);
  /// Depths and elevations, from one pass through the trunk.
  LiftedSegments Lift(const torch::Tensor& poses);
  /// The same of the lifters of these segments alone, in the order of segments().
  torch::Tensor Depths(const torch::Tensor& poses, const std::vector<Segment>& of);
  LiftedSegments Lift(const torch::Tensor& poses, const std::vector<Segment>& of);

  /// Which lifter gives the depth of which joint: (compositions, S, 17), 1 or 0, on `device`.
  torch::Tensor Selection(const std::vector<Composition>& compositions, torch::Device device);
  /// The same of the lifters of these segments alone, which give all of them.
  torch::Tensor Selection(const std::vector<Composition>& compositions, const std::vector<Segment>& of,
                          torch::Device device);

  /// The whole pose of a composition, root at the origin, from the lifters that it needs alone: (..., B, 17,
  /// 2) ->
  /// (..., B, 17, 3). Unknown joints lie at the origin.
  torch::Tensor LiftPose(const Composition& composition, const torch::Tensor& pose);
  /// The same of several compositions: (P, ..., B, 17, 3).
  torch::Tensor LiftEach(const std::vector<Composition>& compositions, const torch::Tensor& pose);
  /// Their depths from `given`, which is the pose with noise on it.
  torch::Tensor LiftEach(const std::vector<Composition>& compositions, const torch::Tensor& pose,
                         const torch::Tensor& given);

  /// A pose with the mean of the compositions' depths, from the lifters that they need alone: (..., B, 17, 2)
  /// -> (..., B, 17, 3).
  torch::Tensor LiftMean(const std::vector<Composition>& compositions, const torch::Tensor& pose);
  /// The lifters' shares in its depths: (1, S, 17), on `device`.
  torch::Tensor MeanSelection(const std::vector<Composition>& compositions, torch::Device device);
  /// Whose depths a pose has of which every joint is seen, as `whole_pose` of the run has it.
  void SetWholePose(WholePose whole_pose) { whole_pose_ = whole_pose; }
  std::vector<Composition> OfWholePose() const { return CompositionsOf(whole_pose_); }

  /// Fits the standardisation of every lifter to the training poses (N, 17, 2).
  void FitStandardisation(const torch::Tensor& poses);

  int64_t runs() const { return runs_; }
  bool Has(const Composition& composition) const;
  /// The place of a segment among the lifters. Throws Error when it is not there.
  int64_t IndexOf(Segment segment) const;
  /// The lifters, in the order of segments().
  SegmentLifters& stack() { return stack_; }
  const std::vector<Segment>& segments() const { return segments_; }

 private:
  // The trunks of the lifters of `of`: those that lie side by side at once.
  void ForEachTrunk(const torch::Tensor& poses, const std::vector<Segment>& of,
                    const std::function<void(const torch::Tensor& trunk, int64_t first)>& work);

  std::vector<Segment> segments_;
  int64_t runs_;
  WholePose whole_pose_ = WholePose::kLegsTorso;
  SegmentLifters stack_{nullptr};
  std::map<std::string, torch::Tensor> selections_;  // of compositions, on the device they were last used on
};
TORCH_MODULE(PoseLifters);

/// Poses of depths, (P, ..., B, 17, 3), root at the origin: of each composition the depths that it selects,
/// lifted with the keypoints, (..., B, 17, 2) or (P, ..., B, 17, 2) (eq. 1); joints that it does not have lie
/// at the origin. depths: (S, ..., B, 17), selection: (P, S, 17).
torch::Tensor ComposePoses(const torch::Tensor& keypoints, const torch::Tensor& depths,
                           const torch::Tensor& selection);

}  // namespace links
