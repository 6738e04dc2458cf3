#pragma once

#include <torch/types.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "links/dataset/partial_poses.h"
#include "links/dataset/random_streams.h"
#include "links/evaluation/evaluation.h"
#include "links/flow/pose_flows.h"
#include "links/loss/named_terms.h"

namespace links {

/// A fixed set of validation poses, spread evenly over the data, scored after every epoch.
class Validation {
 public:
  /// `poses` may be empty: then Score* give nothing; of poses without 3D they give what needs none. Those
  /// that lack joints count for the likelihood of the segments that they show. most: how many poses to use at
  /// most.
  Validation(const PoseData& poses, const Normalisation& normalisation, int64_t most, torch::Device device);

  /// Eq. 2 of the poses, nats each, under the full-pose flow or the segments' ("legs/nll_held_out").
  std::vector<std::pair<std::string, double>> ScoreFullFlow(PoseFlows& flows) const;
  std::vector<std::pair<std::string, double>> ScoreSegmentFlows(PoseFlows& flows) const;

  /// PA-MPJPE without and with reflection and N-MPJPE (norm scale) of every trained composition, mm, and what
  /// tells of the sign of depth without ground truth (depth_signs.h): "knees_forward", "facing_alike" and
  /// "asymmetry" of each, and the "disagreement" of legs + torso with left and right, in distances of head
  /// top and root.
  std::vector<std::pair<std::string, double>> ScoreLifters(PoseLifters& lifters) const;

  /// A loss and its terms, "NAME_held_out", without gradient: of at most kLossPoses of the poses that have
  /// all joints, the same ones in the same order with the same random numbers every time.
  static constexpr int64_t kLossPoses = 1024;
  using Loss = std::function<StepLoss(const torch::Tensor& poses, const RandomStreams& streams)>;
  std::vector<std::pair<std::string, double>> ScoreLoss(const Loss& loss) const;

  /// PA-MPJPE without reflection of every scenario with O_3D and O_2D, mm.
  std::vector<std::pair<std::string, double>> ScoreFillers(PoseLifters& lifters, Fillers& fillers) const;

  /// The same of the completion network.
  std::vector<std::pair<std::string, double>> ScoreCompletion(PoseLifters& lifters,
                                                              Completion& completion) const;

  /// Those that have all joints, and their keypoints, (N, 17, 2) normalised, on the device.
  const PoseData& poses() const { return poses_; }
  const torch::Tensor& keypoints() const { return keypoints_; }

 private:
  void AddErrors(PoseLifters& lifters, std::vector<std::pair<std::string, double>>& values) const;
  std::vector<std::pair<std::string, double>> ScoreScenarios(PoseLifters& lifters, Fillers* fillers,
                                                             Completion* completion) const;

  PoseData poses_;           // those that have all joints
  torch::Tensor keypoints_;  // of them, (N, 17, 2) normalised, on the device
  PartialPoses partial_;     // all poses, on the device, where some lack joints
  double mm_per_unit_ = 0;
};

/// A sentence when a validation's values say that the lifters see depth mirrored, else "".
std::string MirroredDepth(const std::vector<std::pair<std::string, double>>& values);

}  // namespace links
