#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "links/figures/pose_figure.h"
#include "links/lifted/lifted_pose.h"

namespace links {

/// Keeps some of the poses of a stream of any length, evenly spread over it, and draws them.
class LiftedFigure {
 public:
  static constexpr size_t kPoses = 8;

  void Add(const LiftedFrame& frame);

  /// Keypoints (those not seen as the pose projects) and 3D. Throws as DrawPoses does.
  void Draw(const std::string& path) const;

 private:
  std::vector<PosePanel> kept_;  // every `step_`-th pose, at most 2 kPoses
  int64_t step_ = 1, count_ = 0;
};

}  // namespace links
