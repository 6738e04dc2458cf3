#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

#include "links/data/pose_file.h"
#include "links/evaluation/named_lifting.h"
#include "links/run/trained_run.h"

namespace links {

/// A trained run of which figures are made. What is drawn is what `links evaluate` scores: the same poses,
/// the same networks, the same units.
class ShownRun {
 public:
  /// run: a run directory or a shipped model (FindRun). Throws Error when nothing is trained.
  ShownRun(const std::string& run, torch::Device device);

  /// Lifts poses with all joints the way that `name` says (ParseLiftingName): (N, 17, 3) mm, root-centred,
  /// and what was seen.
  NamedLifting Lift(const PoseData& poses, const std::string& name);
  /// Whether the run has what `name` needs.
  bool Has(const std::string& name);

  /// 2D poses, normalised, (N, 17, 2), to pixels of the training set's scale.
  std::vector<float> Pixels(const torch::Tensor& poses) const;
  /// The same as a pose file holds them: the root lies in the middle of an image, as at (0, 0) it would be a
  /// joint that was not seen.
  PoseData AsPoseFile(const torch::Tensor& poses) const;
  /// The run's own training poses, or those given, as many as wanted: spread evenly over them and over again.
  torch::Tensor StartingPoses(int64_t count, const PoseData* given = nullptr) const;

  TrainedRun& trained() { return run_; }
  /// Whether flows of the full pose are there; throws Error otherwise.
  PoseFlows& Flows();
  torch::Device device() const { return device_; }
  const std::string& path() const { return path_; }
  /// What the run calls itself, or its folder's name.
  std::string Name() const;

 private:
  std::string path_;
  torch::Device device_;
  TrainedRun run_;
};

/// Errors of each pose after alignment, mm, NaN where an evaluation rejects the pose; their means are those
/// of the evaluation. predicted, truth: (N, 17, 3) mm.
struct PoseScores {
  std::vector<double> pa_mpjpe, pa_mpjpe_reflection, n_mpjpe;  ///< as kMetricFields has them
};
PoseScores ScorePoses(const torch::Tensor& predicted, const torch::Tensor& truth);

}  // namespace links
