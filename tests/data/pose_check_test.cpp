#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "links/core/error.h"
#include "links/data/pose_file.h"
#include "links/skeleton/skeleton.h"
#include "links/synthetic/synthetic.h"
#include "support/temporary_folder.h"

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

TEST(PoseCheck, NumbersLieWithinBounds) {
  const PoseData good = Synthesize({.poses = 40, .seed = 3});
  const auto message = [&](auto member, size_t at, float value, Joints3d joints) {
    PoseData poses = good;
    (poses.*member).resize((poses.*member).empty() ? 40 * kJoints : (poses.*member).size(), 1.f);
    (poses.*member)[at] = value;
    return MessageOf([&] { CheckPoses(poses, "here", joints); });
  };
  for (const Joints3d joints : {Joints3d::kGroundTruth, Joints3d::kPrediction}) {
    EXPECT_THAT(message(&PoseData::joints_3d, 51 * 7 + 2, 3e38f, joints),
                AllOf(HasSubstr("/joints_3d must be finite and within 1e+07"), HasSubstr("row 7, joint 0")));
    EXPECT_THAT(message(&PoseData::joints_3d, 0, -1.1e7f, joints), HasSubstr("/joints_3d"));
    EXPECT_THAT(
        message(&PoseData::keypoints_2d, 35, 1e12f, joints),
        AllOf(HasSubstr("/keypoints_2d must be finite and within 1e+06"), HasSubstr("row 1, joint 0")));
    EXPECT_THAT(message(&PoseData::confidence, 3, -1e7f, joints), HasSubstr("/confidence"));
    EXPECT_EQ(message(&PoseData::keypoints_2d, 35, -1e6f, joints), "");
    EXPECT_EQ(message(&PoseData::joints_3d, 0, 1e7f, joints), "");
  }
}

TEST(PoseCheck, NamesAreShort) {
  PoseData poses = Synthesize({.poses = 40, .seed = 3});
  poses.subject.assign(40, std::string(256, 'x'));
  EXPECT_NO_THROW(CheckPoses(poses, "here"));
  poses.subject[3] += 'x';
  EXPECT_THAT([&] { CheckPoses(poses, "here"); },
              ThrowsMessage<Error>(HasSubstr("at most 256 bytes, found 257 at row 3")));
}

}  // namespace
}  // namespace links
