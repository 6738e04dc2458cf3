#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "links/config/field.h"
#include "links/dataset/standardise.h"
#include "links/lifter/residual_block.h"

namespace links {

struct LifterOptions {
  int64_t width = 1024;
  int64_t blocks_per_path = 3;
  double head_gain = 1.0;
  bool standardise = false;

  template <class V>
  void Fields(V& v) {
    v("width", width, Range{1, 16384}, "hidden units of a lifter");
    v("blocks_per_path", blocks_per_path, Range{1, 64},
      "residual blocks of each path (depth, elevation); ElePose: 2");
    v("head_gain", head_gain, Range{0, 10},
      "factor on the initial weights of the two last layers, their biases start at 0 when it is not 1 "
      "(paper: 1)");
    v("standardise", standardise,
      "standardise the lifter's input by the training set's mean and deviation (paper: false)");
  }
};

/// Lifts the joints of one segment (method sec. 4): a shared first layer and residual block, then a path of
/// residual blocks for the depths and one for the camera's elevation.
class SegmentLifterImpl : public torch::nn::Module {
 public:
  SegmentLifterImpl(int64_t joints, const LifterOptions& options);

  /// What both paths start from: (B, 2 J) normalised keypoints, coordinate-major -> (B, width).
  torch::Tensor Shared(const torch::Tensor& columns);
  /// Depth offsets from the root, normalised units: (B, width) -> (B, J).
  torch::Tensor DepthOffset(const torch::Tensor& shared) { return depth_path_->forward(shared); }
  /// The camera's elevation, radians: (B, width) -> (B).
  torch::Tensor Elevation(const torch::Tensor& shared) { return elevation_path_->forward(shared).squeeze(1); }

  void FitStandardisation(const torch::Tensor& samples);

 private:
  bool fits_standardisation_;
  Standardise standardise_;
  torch::nn::Linear entry_;
  ResidualBlock shared_;
  torch::nn::Sequential depth_path_, elevation_path_;
};
TORCH_MODULE(SegmentLifter);

}  // namespace links
