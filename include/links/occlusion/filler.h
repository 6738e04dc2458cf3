#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <string>
#include <vector>

#include "links/config/field.h"
#include "links/network/residual_branch.h"
#include "links/network/standardise.h"
#include "links/occlusion/scenario.h"

namespace links {

struct FillerOptions {
  int64_t width = 1024;
  int64_t blocks = 3;
  bool standardise = false;
  std::vector<std::string> scenarios = ScenarioNames();

  template <class V>
  void Fields(V& v) {
    v("width", width, Range{1, 16384}, "hidden units of a filler");
    v("blocks", blocks, Range{1, 64}, "residual blocks of a filler");
    v("standardise", standardise,
      "standardise the fillers' inputs and outputs by the training set's mean and deviation (paper: false)");
    v("scenarios", scenarios, Choice{ScenarioNames()},
      "which joints may be missing: a filler each (paper: all eight); a run keeps those it was trained with");
  }
};

/// Completes the missing joints of S scenarios from the known ones (paper sec. 3.4), one network a
/// scenario side by side, of one run or of an ensemble (network/ensemble.h): O_3D on 3D joints (K = 3), O_2D
/// on keypoints (K = 2). Joints are root-centred and in normalised units; the root itself is neither input
/// nor output.
class ScenarioFillersImpl : public torch::nn::Module {
 public:
  /// coordinates: K. runs: R of an ensemble.
  ScenarioFillersImpl(int64_t coordinates, const FillerOptions& options, int64_t runs = 1);

  /// What each scenario's network predicts for its missing joints; other joints mean nothing. poses:
  /// (..., B, 17, K), or (S, ..., B, 17, K), one for each, of which only the known joints are seen ->
  /// (S, ..., B, 17, K).
  torch::Tensor forward(const torch::Tensor& poses) { return Fill(poses, 0, missing_.size(0)); }
  /// The scenarios' missing joints: (S, ..., 1, 17, 1) bool.
  const torch::Tensor& missing() const { return missing_; }
  /// The pose with the missing joints of one scenario replaced by the network's: (..., B, 17, K) ->
  /// (..., B, 17, K). Throws Error for a scenario without a filler.
  torch::Tensor Complete(const Scenario& scenario, const torch::Tensor& pose);
  /// Fits the standardisation to whole poses (..., N, 17, K).
  void FitStandardisation(const torch::Tensor& poses);

 private:
  torch::Tensor Fill(const torch::Tensor& poses, int64_t first, int64_t count);

  std::vector<Scenario> scenarios_;
  int64_t coordinates_;
  bool fits_standardisation_;
  torch::Tensor known_;  // (S, ..., 1, 17 K) bool
  torch::Tensor missing_;
  Standardise standardise_;
  ResidualNetwork network_;
};
TORCH_MODULE(ScenarioFillers);

/// O_3D and O_2D of the scenarios that the options name.
class FillersImpl : public torch::nn::Module {
 public:
  explicit FillersImpl(const FillerOptions& options, int64_t runs = 1);

  int64_t runs() const { return runs_; }
  /// Those with a filler, in the order of the networks.
  const std::vector<Scenario>& scenarios() const { return scenarios_; }
  ScenarioFillers& o3d() { return o3d_; }
  ScenarioFillers& o2d() { return o2d_; }

 private:
  int64_t runs_;
  std::vector<Scenario> scenarios_;
  ScenarioFillers o3d_, o2d_;
};
TORCH_MODULE(Fillers);

}  // namespace links
