#pragma once

#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

#include "links/evaluation/evaluation.h"

namespace links {

/// A fixed set of validation poses, spread evenly over the data, scored after every epoch.
class Validation {
 public:
  /// `poses` may be empty: then Score* give nothing. most: how many poses to use at most.
  Validation(const PoseData& poses, const Normalisation& normalisation, int64_t most, torch::Device device);

  /// PA-MPJPE without and with reflection and N-MPJPE (norm scale) of every trained composition, mm.
  std::vector<std::pair<std::string, double>> ScoreLifters(PoseLifters& lifters) const;

  /// PA-MPJPE without reflection of every scenario with O_3D and O_2D, mm.
  std::vector<std::pair<std::string, double>> ScoreFillers(PoseLifters& lifters, Fillers& fillers) const;

  /// The same of the completion network.
  std::vector<std::pair<std::string, double>> ScoreCompletion(PoseLifters& lifters,
                                                              Completion& completion) const;

 private:
  std::vector<std::pair<std::string, double>> ScoreScenarios(PoseLifters& lifters, Fillers* fillers,
                                                             Completion* completion) const;

  PoseData poses_;
  torch::Tensor keypoints_;  // (N, 17, 2) normalised, on the device
  double mm_per_unit_ = 0;
};

}  // namespace links
