#include "links/skeleton/composition.h"

#include <gtest/gtest.h>

#include <numeric>

namespace links {
namespace {

constexpr char kNothing = '-';  // the root, or a joint that no segment has

// Which lifter each of the 17 joints comes from: g legs, t torso, l left, r right, f full.
std::string Sources(const Composition& composition) {
  // The joint and the lifter of every column of [root, primary's joints, secondary's joints].
  std::vector<std::pair<int, char>> all = {{kRoot, kNothing}};
  for (Segment segment : composition.segments()) {
    for (int joint : SegmentJoints(segment))
      all.emplace_back(joint, segment == Segment::kLegs ? 'g' : SegmentName(segment)[0]);
  }
  std::string sources;
  const std::array<int, kJoints> columns = composition.Columns();
  for (int joint = 0; joint < kJoints; ++joint) {
    const auto [found, source] = all.at(columns[joint]);
    EXPECT_TRUE(found == joint || source == kNothing) << "joint " << joint << " would be joint " << found;
    sources += source;
  }
  return sources;
}

std::vector<int> Range(int first, int last) {
  std::vector<int> joints(last - first + 1);
  std::iota(joints.begin(), joints.end(), first);
  return joints;
}

TEST(Composition, TakesEachJointFromItsSegment) {
  //                                0 right leg, left leg, core, left arm, right arm
  EXPECT_EQ(Sources(LegsTorso()),
            "-"
            "ggg"
            "ggg"
            "tttt"
            "ttt"
            "ttt");
  EXPECT_EQ(Sources(LeftCore()),
            "-"
            "rrr"
            "lll"
            "llll"
            "lll"
            "rrr");
  EXPECT_EQ(Sources(RightCore()),
            "-"
            "rrr"
            "lll"
            "rrrr"
            "lll"
            "rrr");
  EXPECT_EQ(Sources(FullPose()),
            "-"
            "fff"
            "fff"
            "ffff"
            "fff"
            "fff");
}

TEST(Composition, NamesAreThoseOfTheResults) {
  EXPECT_EQ(LegsTorso().name, "legs_torso");
  EXPECT_EQ(LeftCore().name, "left_core");
  EXPECT_EQ(RightCore().name, "right_core");
  EXPECT_EQ(FullPose().name, "full");
}

TEST(Composition, WholePosesKnowEveryJoint) {
  for (const Composition& composition : {LegsTorso(), LeftCore(), RightCore(), FullPose()}) {
    EXPECT_EQ(composition.Joints(), Range(1, 16)) << composition.name;
  }
}

TEST(Composition, SegmentsOfSeveralAreInOrderAndEachOnce) {
  EXPECT_EQ(SegmentsOf({FullPose(), RightCore(), LegsTorso(), LeftCore()}),
            std::vector<Segment>(kSegments.begin(), kSegments.end()));
  EXPECT_EQ(SegmentsOf({RightCore()}), (std::vector<Segment>{Segment::kLeft, Segment::kRight}));
  EXPECT_TRUE(SegmentsOf({}).empty());
}

TEST(Composition, APartLeavesTheRestAtTheRoot) {
  const Composition legs_right{"legs_right", Segment::kLegs, Segment::kRight};  // the left arm is hidden
  EXPECT_EQ(legs_right.Joints(), (std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15, 16}));
  EXPECT_EQ(Sources(legs_right),
            "-"
            "ggg"
            "ggg"
            "rrrr"
            "---"
            "rrr");
  const Composition torso{"torso", Segment::kTorso, std::nullopt};
  EXPECT_EQ(torso.Joints(), Range(7, 16));
  EXPECT_EQ(Sources(torso),
            "-"
            "---"
            "---"
            "tttt"
            "ttt"
            "ttt");
}

}  // namespace
}  // namespace links
