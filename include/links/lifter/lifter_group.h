#pragma once

#include <string>
#include <vector>

#include "links/skeleton/composition.h"

namespace links {

/// Lifters that learn together (paper sec. 3.3): each segment is lifted once; each pose is composed, rotated
/// and projected to a view of its own; each segment is judged by its flow and lifted again in the view of one
/// pose.
struct LifterGroup {
  std::string name;
  std::vector<Composition> poses;
  std::vector<Segment> segments;
  std::vector<size_t> view_of_segment;  ///< for each segment, the pose whose view it is judged in
};

/// The lifter of a segment by itself, for poses of which only that is seen: the pose is the segment, named
/// like it.
LifterGroup SegmentAlone(Segment segment);

/// The name of the group of the left and right lifters.
inline constexpr const char* kSidesGroup = "left_right";

/// legs_torso, left_right and full.
const std::vector<LifterGroup>& LifterGroupRows();
std::vector<std::string> LifterGroupNames();

/// The group of that name; throws Error for none.
const LifterGroup& FindLifterGroup(const std::string& name);

}  // namespace links
