#include "links/data/pose_mix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "links/core/error.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

using testing::ElementsAre;

// Four poses of the first file and one of the second; pose n has n at every place.
PoseData FourAndOne() {
  PoseData poses;
  for (int n = 1; n <= 5; ++n) {
    poses.keypoints_2d.insert(poses.keypoints_2d.end(), 2 * kJoints, static_cast<float>(n));
    poses.subject.push_back("S" + std::to_string(n));
    poses.file.push_back(n <= 4 ? 0 : 1);
  }
  return poses;
}

TEST(MixPoses, RepeatsTheSmallerFileUpToItsShare) {
  const PoseData mixed = MixPoses(FourAndOne(), {2, 1});
  EXPECT_THAT(mixed.subject, ElementsAre("S1", "S2", "S3", "S4", "S5", "S5"));
  EXPECT_THAT(mixed.file, ElementsAre(0, 0, 0, 0, 1, 1));
  EXPECT_EQ(mixed.keypoints_2d.size(), 6u * 2 * kJoints);
  EXPECT_EQ(mixed.keypoints_2d.back(), 5);
  EXPECT_TRUE(mixed.joints_3d.empty());
}

TEST(MixPoses, NoPoseIsLostWhereTheSmallFileHasTheLargerShare) {
  EXPECT_THAT(MixPoses(FourAndOne(), {1, 1}).subject,
              ElementsAre("S1", "S2", "S3", "S4", "S5", "S5", "S5", "S5"));
  EXPECT_THAT(MixPoses(FourAndOne(), {9, 1}).subject,
              ElementsAre("S1", "S2", "S3", "S4", "S1", "S2", "S3", "S4", "S1", "S5"));
}

TEST(MixPoses, EveryFileMustHavePoses) {
  EXPECT_THROW(MixPoses(FourAndOne(), {1, 1, 1}), Error);
}

}  // namespace
}  // namespace links
