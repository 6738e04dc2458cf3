#pragma once

#include <torch/types.h>

#include <vector>

#include "links/lifter/lifter_group.h"

namespace links {

/// Groups of lifters whose G groups, P poses and S segments are computed side by side: which belongs to
/// which.
struct GroupedLifters {
  /// `like` gives type and device. The groups are put in the order of their first segments, so that the
  /// segments are in that of PoseLifters.
  GroupedLifters(std::vector<LifterGroup> groups, const torch::Tensor& like);

  std::vector<LifterGroup> groups;
  std::vector<Composition> poses;
  std::vector<Segment> segments;
  torch::Tensor group_of_pose;      ///< (P) int64
  torch::Tensor view_of_segment;    ///< (S) int64: the pose in whose view a segment is judged
  torch::Tensor poses_in_group;     ///< (G, P), 1 or 0
  torch::Tensor segments_in_group;  ///< (G, S), 1 or 0
};

/// The sum over the members of each group: members (G, S), values (S, ...) -> (G, ...).
torch::Tensor SumOverMembers(const torch::Tensor& members, const torch::Tensor& values);

}  // namespace links
