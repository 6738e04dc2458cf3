#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "links/figures/pose_figure.h"
#include "links/lifted/lifted_pose.h"

namespace links {

/// Which poses of a stream a figure shows; both left out: LiftedFigure::kPoses of them, evenly spread.
struct FigureChoice {
  std::string frames;  ///< everybody in the frames of these numbers, like "0,5,10-20"
  int64_t worst = 0;   ///< that many of the least plausible poses, the least one first
};

/// Keeps some of the poses of a stream of any length and draws them.
class LiftedFigure {
 public:
  static constexpr size_t kPoses = 8;

  /// Throws UsageError for a choice that is none, or two.
  explicit LiftedFigure(const FigureChoice& choice = {});

  void Add(const LiftedFrame& frame);

  /// The keypoints that were seen, and 3D with guessed joints hollow. Of more than kMostPoses in the frames
  /// that were asked for the first are drawn, with a warning. Throws as DrawPoses does, and where there is no
  /// pose of known plausibility to choose from.
  void Draw(const std::string& path) const;

 private:
  struct Kept {
    double plausibility;
    PosePanel panel;
  };

  void AddSpread(const LiftedFrame& frame, const LiftedPerson& person);
  void AddWorst(const LiftedFrame& frame, const LiftedPerson& person);

  std::vector<std::pair<int64_t, int64_t>> ranges_;
  size_t worst_;
  std::vector<Kept> kept_;  // spread: every `step_`-th pose, at most 2 kPoses; worst: a heap, the best first
  int64_t step_ = 1, count_ = 0, left_out_ = 0;
};

}  // namespace links
