#include "links/lifter/lifter_group.h"

#include "links/core/error.h"

namespace links {

LifterGroup MakeLifterGroup(const std::string& name) {
  if (name == "legs_torso") return {name, {LegsTorso()}, {Segment::kLegs, Segment::kTorso}, {0, 0}};
  if (name == "left_right")
    return {name, {LeftCore(), RightCore()}, {Segment::kLeft, Segment::kRight}, {0, 1}};
  if (name == "full") return {name, {FullPose()}, {Segment::kFull}, {0}};
  throw Error("expected a lifter group legs_torso, left_right or full, found '", name, "'");
}

}  // namespace links
