#include "links/skeleton/segments.h"

#include "links/core/error.h"

namespace links {

std::string_view SegmentName(Segment segment) {
  switch (segment) {
    case Segment::kLegs:
      return "legs";
    case Segment::kTorso:
      return "torso";
    case Segment::kLeft:
      return "left";
    case Segment::kRight:
      return "right";
    case Segment::kFull:
      return "full";
  }
  throw Error("expected a segment, found number ", static_cast<int>(segment));
}

std::vector<int> SegmentJoints(Segment segment, bool include_root) {
  std::vector<int> joints;
  switch (segment) {
    case Segment::kLegs:
      joints = {1, 2, 3, 4, 5, 6};
      break;
    case Segment::kTorso:
      return {7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    case Segment::kLeft:
      joints = {4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
      break;
    case Segment::kRight:
      joints = {1, 2, 3, 7, 8, 9, 10, 14, 15, 16};
      break;
    case Segment::kFull:
      joints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
      break;
  }
  if (include_root) joints.insert(joints.begin(), kRoot);
  return joints;
}

std::vector<int> NeededJoints(Segment segment) {
  std::vector<int> joints = SegmentJoints(segment);
  joints.insert(joints.begin(), kRoot);
  return joints;
}

}  // namespace links
