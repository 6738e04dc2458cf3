#include "links/data/bvh_import.h"

#include <gmock/gmock.h>

#include "support/temporary_folder.h"
#include "tiny_bvh.h"

namespace links {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

/// `count` frames in which the person walks along z by one unit a frame.
std::string Walk(int count, double seconds) {
  std::string text = "Frames: " + std::to_string(count) + "\nFrame Time: " + std::to_string(seconds) + "\n";
  for (int i = 0; i < count; ++i) text += "0 9 " + std::to_string(i) + Zeros(kTinyChannels - 3) + "\n";
  return TinyBvh(text);
}

std::vector<WorldPose> Line(int count) {
  std::vector<WorldPose> poses(count);
  for (int i = 0; i < count; ++i) poses[i].fill(Eigen::Vector3d(i, 0, 0));
  return poses;
}

std::vector<double> Places(const std::vector<WorldPose>& poses) {
  std::vector<double> places;
  for (const WorldPose& pose : poses) places.push_back(pose[16].x());
  return places;
}

TEST(Resample, DecimatesByWholeNumbers) {
  EXPECT_THAT(Places(Resample(Line(7), 120, 40, "x")), ElementsAre(0, 3, 6));
  EXPECT_THAT(Places(Resample(Line(3), 30, 30, "x")), ElementsAre(0, 1, 2));
  EXPECT_THAT(Places(Resample(Line(5), 1 / 0.0083333, 30, "x")), ElementsAre(0, 4)) << "a rounded frame time";
}

TEST(Resample, InterpolatesOtherwise) {
  EXPECT_THAT(Places(Resample(Line(6), 25, 10, "x")), ElementsAre(0, 2.5));
  EXPECT_THAT(Places(Resample(Line(7), 30, 20, "x")), ElementsAre(0, 1.5, 3, 4.5));
  EXPECT_THAT(Resample(Line(1), 25, 10, "x"), SizeIs(1));
}

TEST(Resample, NeverInventsFrames) {
  EXPECT_THAT(MessageOf([] { Resample(Line(5), 30, 60, "a.bvh"); }),
              AllOf(HasSubstr("a.bvh"), HasSubstr("60")));
}

TEST(FindBvhFiles, SearchesFoldersAndSorts) {
  const TemporaryFolder folder;
  folder.Write("clips/b.bvh", "");
  folder.Write("clips/deep/a.BVH", "");
  folder.Write("clips/notes.txt", "");
  folder.Write("one.bvh", "");
  EXPECT_THAT(FindBvhFiles({folder / "one.bvh", folder / "clips", folder / "one.bvh"}),
              ElementsAre(folder / "clips/b.bvh", folder / "clips/deep/a.BVH", folder / "one.bvh"));
  folder.Write("empty/notes.txt", "");
  EXPECT_THAT(MessageOf([&] { FindBvhFiles({folder / "empty"}); }), HasSubstr("found none"));
  EXPECT_THAT(MessageOf([&] { FindBvhFiles({folder / "nowhere"}); }), HasSubstr("nowhere"));
}

TEST(FindLabels, FromTheIndexOrTheName) {
  const TemporaryFolder folder;
  folder.Write("index.csv",
               "file,subject,description,frames\r\n"
               "train/01_02.bvh,01,\"walk, turn \"\"left\"\"\",5\r\n"
               "val/01_03.bvh,01,run,5\r\n");
  const ClipLabels listed = FindLabels(folder / "train/01_02.bvh");
  EXPECT_EQ(listed.subject, "01");
  EXPECT_EQ(listed.action, "walk, turn \"left\"");
  const ClipLabels unlisted = FindLabels(folder / "train/01_03.bvh");
  EXPECT_EQ(unlisted.action, "01_03") << "another folder's file of that name";
  EXPECT_EQ(unlisted.subject, "01");
  folder.Write("train/index.csv", "file,subject,description\n01_02.bvh,Ada,hop\n");
  EXPECT_EQ(FindLabels(folder / "train/01_02.bvh").subject, "Ada") << "the nearer index wins";
  EXPECT_EQ(FindLabels(folder / "jump.bvh").subject, "jump");
}

TEST(ImportBvh, LaysOutClipsViewsAndFrames) {
  const TemporaryFolder folder;
  const std::string a = folder.Write("01_a.bvh", Walk(4, 0.05)), b = folder.Write("02_b.bvh", Walk(6, 0.025));
  BvhImportOptions options;
  options.views = 2;
  options.fps = 20;
  options.map = folder.Write("tiny.yaml", kTinyMap);
  const PoseData poses = ImportBvh({a, b}, options);
  EXPECT_NO_THROW(CheckPoses(poses, "imported"));
  EXPECT_THAT(poses.frame, ElementsAre(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 0, 1, 2));
  EXPECT_THAT(poses.camera, ElementsAre("view0", "view0", "view0", "view0", "view1", "view1", "view1",
                                        "view1", "view0", "view0", "view0", "view1", "view1", "view1"));
  EXPECT_EQ(poses.subject[7], "01");
  EXPECT_EQ(poses.action[8], "02_b");
  std::vector<double> hip_widths;
  for (int64_t i = 0; i < poses.size(); ++i) {
    const float* pose = &poses.joints_3d[51 * i];
    hip_widths.push_back(std::hypot(pose[3] - pose[12], pose[4] - pose[13], pose[5] - pose[14]));
  }
  EXPECT_THAT(hip_widths, Each(testing::DoubleNear(200, 0.01)));
  EXPECT_EQ(ImportBvh({a, b}, options).joints_3d, poses.joints_3d) << "the same seed, the same cameras";
  options.seed = 2;
  EXPECT_NE(ImportBvh({a, b}, options).joints_3d, poses.joints_3d);
}

TEST(ImportBvh, OneBadFileIsNamed) {
  const TemporaryFolder folder;
  const std::string good = folder.Write("01_a.bvh", Walk(4, 0.05)),
                    bad = folder.Write("02_b.bvh", "HIERARCHY\nROOT\n");
  BvhImportOptions options;
  options.fps = 20;
  options.map = folder.Write("tiny.yaml", kTinyMap);
  EXPECT_THAT(MessageOf([&] {
                ImportBvh({good, bad}, options);
              }),
              HasSubstr("02_b.bvh:2: expected the name of a joint"));
  options.map = "auto";
  EXPECT_THAT(MessageOf([&] { ImportBvh({good}, options); }), HasSubstr("no joint map fits"));
}

}  // namespace
}  // namespace links
