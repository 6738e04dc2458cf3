#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <map>
#include <string>

#include "links/config/field.h"
#include "links/dataset/joint_select.h"
#include "links/dataset/standardise.h"
#include "links/lifter/residual_block.h"
#include "links/occlusion/scenario.h"

namespace links {

struct FillerOptions {
  int64_t width = 1024;
  int64_t blocks = 3;
  bool standardise = false;

  template <class V>
  void Fields(V& v) {
    v("width", width, Range{1, 16384}, "hidden units of a filler");
    v("blocks", blocks, Range{1, 64}, "residual blocks of a filler");
    v("standardise", standardise,
      "standardise the fillers' inputs and outputs by the training set's mean and deviation (paper: false)");
  }
};

/// Completes the missing joints of one scenario from the known ones: O_3D on 3D joints (K = 3), O_2D on
/// keypoints (K = 2). Joints are root-centred and in normalised units; the root itself is neither input nor
/// output.
class FillerImpl : public torch::nn::Module {
 public:
  FillerImpl(const Scenario& scenario, int64_t coordinates, const FillerOptions& options);

  /// The missing joints: pose (B, 17, K), of which only the known joints are looked at -> (B, missing, K).
  torch::Tensor forward(const torch::Tensor& pose);
  /// The missing joints of a whole pose: (B, 17, K) -> (B, missing, K).
  torch::Tensor Missing(const torch::Tensor& pose) { return missing_(pose); }
  /// The pose with its missing joints replaced by the network's: (B, 17, K).
  torch::Tensor Complete(const torch::Tensor& pose);
  /// Takes the standardisation from whole poses (N, 17, K).
  void FitStandardisation(const torch::Tensor& poses);

 private:
  int64_t coordinates_;
  bool fits_standardisation_;
  JointSelect known_, missing_;
  Standardise input_, output_;
  torch::nn::Sequential network_;
};
TORCH_MODULE(Filler);

/// O_3D and O_2D of the eight scenarios.
class FillersImpl : public torch::nn::Module {
 public:
  explicit FillersImpl(const FillerOptions& options);

  Filler& o3d(const Scenario& scenario) { return o3d_.at(scenario.name); }
  Filler& o2d(const Scenario& scenario) { return o2d_.at(scenario.name); }

 private:
  std::map<std::string, Filler> o3d_, o2d_;
};
TORCH_MODULE(Fillers);

}  // namespace links
