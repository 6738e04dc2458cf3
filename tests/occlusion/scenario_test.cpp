#include "links/occlusion/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace links {
namespace {

using testing::ElementsAreArray;
using testing::UnorderedElementsAreArray;

// The table of docs/method.md sec. 5.
struct Row {
  std::string name;
  std::vector<Segment> lifters;
  std::vector<int> missing;
  size_t known;
};
const std::vector<Row> kTable = {{"left_arm", {Segment::kLegs, Segment::kRight}, {11, 12, 13}, 13},
                                 {"left_leg", {Segment::kTorso, Segment::kRight}, {4, 5, 6}, 13},
                                 {"right_arm", {Segment::kLegs, Segment::kLeft}, {14, 15, 16}, 13},
                                 {"right_leg", {Segment::kTorso, Segment::kLeft}, {1, 2, 3}, 13},
                                 {"left_arm_leg", {Segment::kRight}, {4, 5, 6, 11, 12, 13}, 10},
                                 {"right_arm_leg", {Segment::kLeft}, {1, 2, 3, 14, 15, 16}, 10},
                                 {"both_legs", {Segment::kTorso}, {1, 2, 3, 4, 5, 6}, 10},
                                 {"full_torso", {Segment::kLegs}, {7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 6}};

TEST(Scenarios, AreTheRowsOfTheTable) {
  ASSERT_EQ(Scenarios().size(), kTable.size());
  for (size_t i = 0; i < kTable.size(); ++i) {
    const Scenario& scenario = Scenarios()[i];
    EXPECT_EQ(scenario.name, kTable[i].name);
    EXPECT_THAT(scenario.missing, ElementsAreArray(kTable[i].missing)) << scenario.name;
    EXPECT_THAT(scenario.visible.segments(), UnorderedElementsAreArray(kTable[i].lifters)) << scenario.name;
    EXPECT_EQ(scenario.Known().size(), kTable[i].known) << scenario.name;
  }
}

TEST(Scenarios, EveryJointButTheRootIsEitherKnownOrMissing) {
  for (const Scenario& scenario : Scenarios()) {
    std::vector<int> joints = scenario.Known();
    EXPECT_TRUE(std::is_sorted(joints.begin(), joints.end())) << scenario.name;
    joints.insert(joints.end(), scenario.missing.begin(), scenario.missing.end());
    EXPECT_THAT(joints, UnorderedElementsAreArray({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}))
        << scenario.name;
  }
}

TEST(Scenarios, TheirLiftersSeeNoMissingJoint) {
  for (const Scenario& scenario : Scenarios()) {
    for (Segment segment : scenario.visible.segments()) {
      for (int joint : SegmentJoints(segment)) {
        EXPECT_EQ(std::count(scenario.missing.begin(), scenario.missing.end(), joint), 0)
            << scenario.name << ", " << SegmentName(segment) << " lifter, joint " << joint;
      }
    }
  }
}

}  // namespace
}  // namespace links
