#include "links/skeleton/composition.h"

#include <algorithm>
#include <set>

#include "links/core/error.h"

namespace links {

std::vector<Segment> Composition::segments() const {
  std::vector<Segment> all = {primary};
  if (secondary) all.push_back(*secondary);
  return all;
}

std::vector<int> Composition::Joints() const {
  std::vector<int> joints;
  for (Segment segment : segments()) {
    for (int joint : SegmentJoints(segment)) joints.push_back(joint);
  }
  std::sort(joints.begin(), joints.end());
  joints.erase(std::unique(joints.begin(), joints.end()), joints.end());
  return joints;
}

std::array<int, kJoints> Composition::Columns() const {
  std::array<int, kJoints> columns{};
  int column = 1;
  for (Segment segment : segments()) {
    for (int joint : SegmentJoints(segment)) {
      if (columns[joint] == 0) columns[joint] = column;
      ++column;
    }
  }
  return columns;
}

std::vector<Segment> SegmentsOf(const std::vector<Composition>& compositions) {
  std::set<Segment> all;
  for (const Composition& composition : compositions) {
    for (const Segment segment : composition.segments()) all.insert(segment);
  }
  return {all.begin(), all.end()};
}

Composition LegsTorso() {
  return {"legs_torso", Segment::kLegs, Segment::kTorso};
}
Composition LeftCore() {
  return {"left_core", Segment::kLeft, Segment::kRight};
}
Composition RightCore() {
  return {"right_core", Segment::kRight, Segment::kLeft};
}
Composition FullPose() {
  return {"full", Segment::kFull, std::nullopt};
}

std::vector<Composition> CompositionsOf(WholePose pose) {
  switch (pose) {
    case WholePose::kLegsTorso:
      return {LegsTorso()};
    case WholePose::kFull:
      return {FullPose()};
    case WholePose::kMean:
      return {LegsTorso(), LeftCore(), RightCore()};
    case WholePose::kMeanFull:
      return {LegsTorso(), LeftCore(), RightCore(), FullPose()};
    case WholePose::kLegsTorsoFull:
      return {LegsTorso(), FullPose()};
  }
  throw Error("expected a choice of lifters, found number ", static_cast<int>(pose));
}

}  // namespace links
