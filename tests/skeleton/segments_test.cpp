#include "links/skeleton/segments.h"

#include <gtest/gtest.h>

namespace links {
namespace {

struct Row {
  Segment segment;
  std::string_view name;
  std::vector<int> joints, with_root;
};

// Paper sec. 3.1, docs/method.md sec. 2: what each network sees.
const Row kTable[] = {
    {Segment::kLegs, "legs", {1, 2, 3, 4, 5, 6}, {0, 1, 2, 3, 4, 5, 6}},
    {Segment::kTorso, "torso", {7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, {7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
    {Segment::kLeft, "left", {4, 5, 6, 7, 8, 9, 10, 11, 12, 13}, {0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}},
    {Segment::kRight, "right", {1, 2, 3, 7, 8, 9, 10, 14, 15, 16}, {0, 1, 2, 3, 7, 8, 9, 10, 14, 15, 16}},
    {Segment::kFull,
     "full",
     {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
     {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
};

TEST(Segments, NamesAndJoints) {
  ASSERT_EQ(std::size(kTable), kSegments.size());
  for (size_t i = 0; i < kSegments.size(); ++i) {
    EXPECT_EQ(kSegments[i], kTable[i].segment);
    EXPECT_EQ(SegmentName(kTable[i].segment), kTable[i].name);
    EXPECT_EQ(SegmentJoints(kTable[i].segment), kTable[i].joints) << kTable[i].name;
    EXPECT_EQ(SegmentJoints(kTable[i].segment, true), kTable[i].with_root) << kTable[i].name;
  }
}

TEST(Segments, ASideHasOnlyJointsOfThatSideAndTheCore) {
  for (int joint : SegmentJoints(Segment::kLeft)) EXPECT_NE(kJointNames[joint][0], 'R') << joint;
  for (int joint : SegmentJoints(Segment::kRight)) EXPECT_NE(kJointNames[joint][0], 'L') << joint;
}

}  // namespace
}  // namespace links
