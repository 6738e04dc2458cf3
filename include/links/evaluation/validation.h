#pragma once

#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

#include "links/evaluation/evaluation.h"
#include "links/flow/pose_flows.h"

namespace links {

/// A fixed set of validation poses, spread evenly over the data, scored after every epoch.
class Validation {
 public:
  /// `poses` may be empty: then Score* give nothing; of poses without 3D they give what needs none. most: how
  /// many poses to use at most.
  Validation(const PoseData& poses, const Normalisation& normalisation, int64_t most, torch::Device device);

  /// Eq. 2 of the poses, nats each, under the full-pose flow or the segments' ("legs/nll_held_out").
  std::vector<std::pair<std::string, double>> ScoreFullFlow(PoseFlows& flows) const;
  std::vector<std::pair<std::string, double>> ScoreSegmentFlows(PoseFlows& flows) const;

  /// PA-MPJPE without and with reflection and N-MPJPE (norm scale) of every trained composition, mm, and what
  /// tells of the sign of depth without ground truth (depth_signs.h): "knees_forward", "facing_alike" and
  /// "asymmetry" of each, and the "disagreement" of legs + torso with left and right, in distances of head
  /// top and root.
  std::vector<std::pair<std::string, double>> ScoreLifters(PoseLifters& lifters) const;

  /// PA-MPJPE without reflection of every scenario with O_3D and O_2D, mm.
  std::vector<std::pair<std::string, double>> ScoreFillers(PoseLifters& lifters, Fillers& fillers) const;

  /// The same of the completion network.
  std::vector<std::pair<std::string, double>> ScoreCompletion(PoseLifters& lifters,
                                                              Completion& completion) const;

 private:
  void AddErrors(PoseLifters& lifters, std::vector<std::pair<std::string, double>>& values) const;
  std::vector<std::pair<std::string, double>> ScoreScenarios(PoseLifters& lifters, Fillers* fillers,
                                                             Completion* completion) const;

  PoseData poses_;
  torch::Tensor keypoints_;  // (N, 17, 2) normalised, on the device
  double mm_per_unit_ = 0;
};

/// A sentence when a validation's values say that the lifters see depth mirrored, else "".
std::string MirroredDepth(const std::vector<std::pair<std::string, double>>& values);

}  // namespace links
