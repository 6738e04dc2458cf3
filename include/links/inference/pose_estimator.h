#pragma once

#include <optional>
#include <vector>

#include "links/detection/detection.h"
#include "links/inference/body_height.h"
#include "links/inference/body_scale.h"
#include "links/lifted/lifted_pose.h"
#include "links/run/trained_run.h"

namespace links {

/// What a run's completion knows of its training poses' sizes.
BodyScales ScalesOf(const Completion& completion);

struct EstimatorOptions {
  bool training_scale = false;  ///< the training set's head-root distance in px instead of each person's own
  double height_mm = 0;         ///< of the people; 0 = not known
  bool spread = false;          ///< how far each joint may be off, from other answers
  int64_t hypotheses = 0;       ///< how many of these answers to keep, with `spread`
};

/// Detections to 3D poses: normalises every person, lifts what is whole, completes the rest, says what was
/// done. What it remembers of tracks makes the order of frames matter, not how they are batched.
class PoseEstimator {
 public:
  /// The run is used on the device it was loaded to. Throws Error unless its completion is trained.
  PoseEstimator(TrainedRun run, const EstimatorOptions& options);

  /// Lifts everybody in the frames, which follow those given before, in one batch. People who show too little
  /// keep their place, with the reason in `unusable`.
  std::vector<LiftedFrame> Estimate(const std::vector<DetectedFrame>& frames);

  /// The same with scales that are known, one for each person; nothing is remembered, and `mm_per_unit` is
  /// left to the caller.
  std::vector<LiftedFrame> Estimate(const std::vector<DetectedFrame>& frames,
                                    const std::vector<std::vector<BodyScale>>& scales);

  /// What a person's size is told by; none with the training set's scale, which is TrainingScale().
  const std::optional<BodyScales>& scales() const { return scales_; }
  BodyScale TrainingScale() const { return {run_.normalisation.head_root_px, kScaleFromTraining}; }

  const EstimatorOptions& options() const { return options_; }
  /// Whether the spread is by the run's own factors.
  bool calibrated() const { return run_.has_spread; }

 private:
  void Lift(const std::vector<LiftedPerson*>& people);
  torch::Tensor Plausibility(const torch::Tensor& joints);
  void AddOtherAnswers(const std::vector<LiftedPerson*>& people, const torch::Tensor& keypoints,
                       const torch::Tensor& seen, const CompletedPoses& answer);

  TrainedRun run_;
  EstimatorOptions options_;
  std::optional<BodyScales> scales_;  // none with the training set's
  BodyHeights heights_;
  std::optional<Perturbations> perturbations_;  // with `spread`
};

}  // namespace links
