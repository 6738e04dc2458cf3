#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "links/core/error.h"
#include "links/data/pose_file.h"
#include "links/skeleton/skeleton.h"
#include "links/synthetic/synthetic.h"

namespace links {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(PoseCheck, OnlyPredictionsMayLieAnywhere) {
  PoseData poses = Synthesize({.poses = 40, .seed = 3});
  const size_t behind = (5 * kJoints + kLKnee) * 3 + 2;
  poses.joints_3d[behind] = -1;
  EXPECT_THAT([&] { CheckPoses(poses, "here"); },
              ThrowsMessage<Error>(AllOf(HasSubstr("row 5"), HasSubstr("LKnee"), HasSubstr("z = -1"))));
  EXPECT_NO_THROW(CheckPoses(poses, "here", Joints3d::kPrediction));
  poses.joints_3d[behind] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(CheckPoses(poses, "here"), Error);
  EXPECT_NO_THROW(CheckPoses(poses, "here", Joints3d::kPrediction));
}

TEST(PoseCheck, KeypointsOfPredictionsMustBeFinite) {
  PoseData poses = Synthesize({.poses = 40, .seed = 3});
  poses.keypoints_2d[7] = std::numeric_limits<float>::infinity();
  EXPECT_THROW(CheckPoses(poses, "here", Joints3d::kPrediction), Error);
}

}  // namespace
}  // namespace links
