#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <vector>

#include "links/config/field.h"
#include "links/network/residual_branch.h"
#include "links/network/standardise.h"

namespace links {

struct LifterOptions {
  int64_t width = 1024;
  int64_t blocks_per_branch = 3;
  double head_gain = 1.0;
  bool standardise = false;

  template <class V>
  void Fields(V& v) {
    v("width", width, Range{1, 16384}, "hidden units of a lifter");
    v("blocks_per_branch", blocks_per_branch, Range{1, 64},
      "residual blocks of each branch (depth, elevation); ElePose: 2");
    v("head_gain", head_gain, Range{0, 10},
      "factor on the initial weights of the two last layers, their biases start at 0 when it is not 1 "
      "(paper: 1)");
    v("standardise", standardise,
      "standardise the lifter's input by the training set's mean and deviation (paper: false)");
  }
};

/// What lifting one pose costs each of the S lifters, in multiplications.
struct LifterMultiplications {
  std::vector<double> depths;     ///< of the depths, with all that both branches share
  std::vector<double> elevation;  ///< of the elevation beside them
  std::vector<double> entry;      ///< of the depths, those on the input itself, which needs no gradient
};

/// The lifters of S segments side by side (paper sec. 3.1): a trunk, that is a first layer and a residual
/// block, then a branch of residual blocks for the depths and one for the camera's elevation. Each has
/// features for every joint of the pose and sees those of its segment. "..." is R of an ensemble
/// (network/ensemble.h).
class SegmentLiftersImpl : public torch::nn::Module {
 public:
  /// joints: (S, ..., 17) bool, the joints of each segment.
  SegmentLiftersImpl(const torch::Tensor& joints, const LifterOptions& options);

  /// What both branches start from: pose (..., B, 17, 2) for all or (N, ..., B, 17, 2), normalised, for the N
  /// lifters from `first` on -> (N, ..., B, width).
  torch::Tensor Trunk(const torch::Tensor& pose, int64_t first, int64_t count);
  /// Depth offsets from the root, normalised units, 0 for joints of other segments: (N, ..., B, width) ->
  /// (N, ..., B, 17).
  torch::Tensor DepthOffset(const torch::Tensor& trunk, int64_t first) {
    return depth_->forward(trunk, first);
  }
  /// The camera's elevation, radians: (N, ..., B, width) -> (N, ..., B).
  torch::Tensor Elevation(const torch::Tensor& trunk, int64_t first) {
    return elevation_->forward(trunk, first).squeeze(-1);
  }

  /// Counted in the weights; padding is not.
  LifterMultiplications Multiplications() const;

  /// Fits the standardisation to poses (N, 17, 2).
  void FitStandardisation(const torch::Tensor& poses);

 private:
  bool fits_standardisation_;
  torch::Tensor inputs_;  // (S, ..., 1, 34) bool: joint-major features that each lifter sees
  Standardise standardise_;
  StackedLinear entry_;
  ResidualBlock trunk_;
  ResidualBranch depth_, elevation_;
};
TORCH_MODULE(SegmentLifters);

}  // namespace links
