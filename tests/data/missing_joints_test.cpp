#include "links/data/missing_joints.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "links/data/summary.h"
#include "links/skeleton/skeleton.h"
#include "links/synthetic/synthetic.h"
#include "support/hide_joints.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

PoseData Poses() {
  PoseData poses = Synthesize({.poses = 40, .seed = 3});
  poses.confidence.assign(poses.size() * kJoints, .5f);
  return poses;
}

TEST(MissingJoints, AreOneThingHoweverTheyAreWritten) {
  PoseData poses = Poses();
  poses.keypoints_2d[0] = poses.keypoints_2d[1] = 0;
  poses.keypoints_2d[34 + 2] = kNan;
  poses.confidence[2 * kJoints + 3] = 0;
  poses.confidence[3 * kJoints + 3] = -1;
  poses.keypoints_2d[4 * 34] = 0;  // at the left edge, but there
  MarkMissingJoints(poses);
  for (const auto& [row, joint] : {std::pair{0, 0}, {1, 1}, {2, 3}, {3, 3}}) {
    const int at = row * kJoints + joint;
    EXPECT_TRUE(std::isnan(poses.keypoints_2d[2 * at]) && std::isnan(poses.keypoints_2d[2 * at + 1])) << row;
    EXPECT_EQ(poses.confidence[at], 0) << row;
  }
  EXPECT_EQ(CountIncomplete(poses), 4);
}

TEST(MissingJoints, ComeBackFromAFileAndAreLeftOutOfTraining) {
  const TemporaryFolder folder;
  PoseData poses = Poses();
  const PoseData whole = poses;
  poses.keypoints_2d[34 * 5 + 2 * kHeadTop] = poses.keypoints_2d[34 * 5 + 2 * kHeadTop + 1] = kNan;
  poses.keypoints_2d[34 * 7] = poses.keypoints_2d[34 * 7 + 1] = 0;
  WritePoseFile(folder / "poses.h5", poses);
  PoseData read = ReadPoseFile(folder / "poses.h5");
  EXPECT_TRUE(std::isnan(read.keypoints_2d[34 * 5 + 2 * kHeadTop]));
  EXPECT_TRUE(std::isnan(read.keypoints_2d[34 * 7]));
  EXPECT_THAT(DescribePoses(read), HasSubstr("poses that lack joints"));
  EXPECT_THAT(DescribePoses(read), Not(HasSubstr("nan")));
  DropIncomplete(read, "poses");
  EXPECT_EQ(read.size(), poses.size() - 2);
  EXPECT_EQ(read.frame.size(), static_cast<size_t>(read.size()));
  EXPECT_EQ(read.keypoints_2d[34 * 5], whole.keypoints_2d[34 * 6]);
  EXPECT_EQ(CountIncomplete(read), 0);
  EXPECT_THAT(DescribePoses(whole), Not(HasSubstr("lack joints")));
}

TEST(MissingJoints, HeadAndRootThatAreNotThereAreNotMeasured) {
  PoseData poses = Poses();
  const std::string before = DescribePoses(poses);
  PoseData two = poses;
  two.keypoints_2d.insert(two.keypoints_2d.end(), poses.keypoints_2d.begin(), poses.keypoints_2d.end());
  two.joints_3d.clear();
  two.confidence.clear();
  two.subject.clear(), two.action.clear(), two.camera.clear(), two.frame.clear();
  for (int64_t row = poses.size(); row < two.size(); ++row) {
    two.keypoints_2d[34 * row + 2 * kHeadTop] = two.keypoints_2d[34 * row + 2 * kHeadTop + 1] = kNan;
  }
  const auto line = [](const std::string& text) {
    const size_t at = text.find("mean head-root px");
    return text.substr(text.find_first_of("0123456789", at), 5);
  };
  EXPECT_EQ(line(DescribePoses(two)), line(before));
}

TEST(MissingJoints, OnePoseAtLeastMustBeWhole) {
  PoseData poses = Poses();
  for (int64_t row = 0; row < poses.size(); ++row)
    poses.keypoints_2d[34 * row] = poses.keypoints_2d[34 * row + 1] = kNan;
  EXPECT_THAT(MessageOf([&] { DropIncomplete(poses, "training poses"); }),
              HasSubstr("expected training poses with all 17 joints in 2D, found none among 40"));
}

TEST(MissingJoints, PosesStayThatShowASegment) {
  PoseData poses = Poses();
  const PoseData whole = poses;
  test::HideJoints(poses, 2, test::kTorsoJoints);           // legs
  test::HideJoints(poses, 4, test::kLegJoints);             // torso
  test::HideJoints(poses, 6, {kRKnee, kRWrist});            // left
  test::HideJoints(poses, 8, {kRoot});                      // nothing
  test::HideJoints(poses, 10, {kRKnee, kLKnee, kHeadTop});  // nothing
  test::HideJoints(poses, 12, {kRKnee, kLElbow});           // nothing
  const PoseData complete = CompletePoses(poses, "poses");
  EXPECT_EQ(complete.size(), poses.size() - 6);
  EXPECT_EQ(CountIncomplete(complete), 0);
  EXPECT_EQ(complete.keypoints_2d[34 * 2], whole.keypoints_2d[34 * 3]);
  EXPECT_EQ(poses.size(), whole.size()) << "the poses themselves are left";
  DropWithoutSegment(poses, "poses");
  EXPECT_EQ(poses.size(), whole.size() - 3);
  EXPECT_EQ(CountIncomplete(poses), 3);
  EXPECT_EQ(poses.frame.size(), static_cast<size_t>(poses.size()));
  EXPECT_EQ(poses.keypoints_2d[34 * 8], whole.keypoints_2d[34 * 9]);
  for (int64_t row = 0; row < poses.size(); ++row) test::HideJoints(poses, row, {kHead});
  EXPECT_THAT(MessageOf([&] { CompletePoses(poses, "training poses"); }),
              HasSubstr("the full-pose flow and the groups of lifters learn from, found none among 37"));
  for (int64_t row = 0; row < poses.size(); ++row) test::HideJoints(poses, row, {kRoot});
  EXPECT_THAT(MessageOf([&] { DropWithoutSegment(poses, "training poses"); }),
              HasSubstr("legs, torso, left or right in 2D, found none among 37"));
}

TEST(MissingJoints, SharesOfTheImageAreNoPixels) {
  const TemporaryFolder folder;
  PoseData poses = Poses();
  for (float& value : poses.keypoints_2d) value /= 1000;
  WritePoseFile(folder / "poses.h5", poses);
  EXPECT_THAT(MessageOf([&] { ReadPoseFile(folder / "poses.h5"); }),
              HasSubstr("must be in pixels, found coordinates from 0."));
}

}  // namespace
}  // namespace links
