#include "links/lifter/lifter_group.h"

#include <algorithm>

#include "links/core/error.h"
#include "links/core/text.h"

namespace links {

LifterGroup SegmentAlone(Segment segment) {
  const std::string name(SegmentName(segment));
  return {name, {Composition{name, segment, std::nullopt}}, {segment}, {0}};
}

const std::vector<LifterGroup>& LifterGroupRows() {
  static const std::vector<LifterGroup> kRows = {
      {"legs_torso", {LegsTorso()}, {Segment::kLegs, Segment::kTorso}, {0, 0}},
      {kSidesGroup, {LeftCore(), RightCore()}, {Segment::kLeft, Segment::kRight}, {0, 1}},
      {"full", {FullPose()}, {Segment::kFull}, {0}},
  };
  return kRows;
}

std::vector<std::string> LifterGroupNames() {
  std::vector<std::string> names;
  for (const LifterGroup& group : LifterGroupRows()) names.push_back(group.name);
  return names;
}

const LifterGroup& FindLifterGroup(const std::string& name) {
  const auto found = std::ranges::find(LifterGroupRows(), name, &LifterGroup::name);
  if (found == LifterGroupRows().end()) {
    throw Error("expected a lifter group ", Join(LifterGroupNames(), ", "), ", found '", name, "'");
  }
  return *found;
}

}  // namespace links
