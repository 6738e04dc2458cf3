#include "links/import/clip_import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "links/data/pose_file.h"
#include "links/skeleton/skeleton.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Two joints; the second one is `x` mm along x.
std::vector<float> Track(const std::vector<float>& x) {
  std::vector<float> joints;
  for (const float value : x) joints.insert(joints.end(), {0, 0, 4000, value, 0, 4000});
  return joints;
}

std::vector<int64_t> Kept(int64_t every, double moved_mm, const std::vector<float>& x) {
  ImportOptions options;
  options.every = every;
  options.moved_mm = moved_mm;
  return KeptFrames(options, Track(x), 2, static_cast<int64_t>(x.size()));
}

TEST(KeptFrames, AllEveryNthAndThoseThatMoved) {
  const std::vector<float> x = {0, 39, 40, 41, 79, 80, 0, 40};
  EXPECT_THAT(Kept(1, 0, x), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(Kept(3, 0, x), ElementsAre(0, 3, 6));
  EXPECT_THAT(Kept(1, 40, x), ElementsAre(0, 2, 5, 6, 7));
  EXPECT_THAT(Kept(3, 40, x), ElementsAre(0, 3, 6));
  EXPECT_THAT(Kept(3, 42, x), ElementsAre(0));
  EXPECT_THAT(Kept(100, 0, x), ElementsAre(0));
  EXPECT_THAT(Kept(1, 0, {}), ElementsAre());
}

PoseData OnePose(const std::string& subject) {
  PoseData poses;
  poses.keypoints_2d.assign(2 * kJoints, 500);
  poses.joints_3d.assign(3 * kJoints, 4000);
  poses.subject = {subject};
  poses.action = {"Walking"};
  poses.camera = {"a"};
  poses.frame = {0};
  return poses;
}

TEST(ClipImport, ListsWhatIsMissingAndKeepsTheRest) {
  const TemporaryFolder folder;
  ImportOptions options;
  options.subjects = {"S1", "S9"};
  StreamPoseFile(folder / "out.h5", "test", "", [&](PoseStream& stream) {
    ClipImport clips(stream, options);
    EXPECT_TRUE(clips.Wants("S9"));
    EXPECT_FALSE(clips.Wants("S11"));
    clips.Append(OnePose("S9"), "one");
    clips.Try([&] {
      PoseData broken = OnePose("S9");
      broken.joints_3d[5] = -1;
      clips.Append(broken, "file two");
    });
    EXPECT_TRUE(clips.KeepDamaged("S9 Waiting-1", 7, "shifted"));
    clips.Finish();
    ASSERT_EQ(clips.missed().size(), 2u);
    EXPECT_THAT(clips.missed()[0], HasSubstr("file two: /joints_3d must lie in front of the camera"));
    EXPECT_THAT(clips.missed()[1], HasSubstr("the subject S1"));
    const std::string summary = clips.Summary();
    EXPECT_THAT(summary, HasSubstr("poses: 1\n"));
    EXPECT_THAT(summary, HasSubstr("subjects: S9 1\n"));
    EXPECT_THAT(summary, HasSubstr("2D: x 500 to 500, y 500 to 500 pixels\n3D: depth 4000 to 4000 mm\n"));
    EXPECT_THAT(summary, HasSubstr("S9 Waiting-1 (shifted): 7 poses kept"));
    EXPECT_THAT(summary, HasSubstr("missing or not readable: 2\n"));
  });
  EXPECT_EQ(ReadPoseFile(folder / "out.h5").size(), 1);
}

TEST(ClipImport, DamagedClipsCanBeLeftOut) {
  const TemporaryFolder folder;
  PoseStream stream(folder / "out.h5", "out.h5", "test", "");
  ImportOptions options;
  options.skip_damaged = true;
  ClipImport clips(stream, options);
  EXPECT_FALSE(clips.KeepDamaged("S9 Waiting-1", 7, "shifted"));
  EXPECT_THAT(clips.Summary(), HasSubstr("7 poses left out"));
}

TEST(ClipImport, APoseFileThatCannotBeWrittenEndsTheImport) {
  const TemporaryFolder folder;
  PoseStream stream(folder / "out.h5", "out.h5", "test", "");
  ClipImport clips(stream, {});
  const PoseData long_name = OnePose(std::string(65, 'x'));
  EXPECT_THROW(clips.Try([&] { clips.Append(long_name, "one"); }), Error);
  EXPECT_TRUE(clips.missed().empty());
}

}  // namespace
}  // namespace links
