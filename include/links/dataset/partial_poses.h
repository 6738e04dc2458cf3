#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>

#include "links/skeleton/segments.h"

namespace links {

/// Training poses of which some lack joints, and who can learn from them: what needs the whole body from the
/// complete ones, a segment's networks also from those that show the segment (NeededJoints).
struct PartialPoses {
  PartialPoses() = default;
  /// keypoints: (N, 17, 2) normalised, NaN where not seen.
  explicit PartialPoses(const torch::Tensor& keypoints);

  torch::Tensor
      poses;  ///< (N, 17, 2), the complete ones first; (0, 0) where not seen; undefined = there are none
  int64_t complete = 0;
  torch::Tensor seen;  ///< (N, 17) bool, on the CPU

  /// Whether some lack joints.
  bool Any() const { return poses.defined() && complete < poses.size(0); }
  /// The rows of the complete ones, (n) int64 on the CPU.
  torch::Tensor Complete() const;
  /// The rows of those that show the segment and lack other joints.
  torch::Tensor PartialWith(Segment segment) const;
  /// The rows of all that show the segment.
  torch::Tensor With(Segment segment) const;

  /// How many there are for whom, for the log.
  std::string Text() const;
};

}  // namespace links
