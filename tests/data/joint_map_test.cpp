#include "links/data/joint_map.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>

#include "links/data/bvh.h"
#include "support/temporary_folder.h"
#include "tiny_bvh.h"

namespace links {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(JointMap, GivesTheSeventeenJointsByHand) {
  const TemporaryFolder folder;
  const JointMap map = ReadJointMap(folder.Write("tiny.yaml", kTinyMap));
  // The root at (10, 20, 30), turned by 90 degrees about y: x becomes -z, z becomes x, in the axes of the
  // file.
  const MocapClip clip = ParseBvh(
      TinyBvh("Frames: 1\nFrame Time: 0.1\n10 20 30 90" + Zeros(kTinyChannels - 4) + "\n"), "tiny.bvh");
  const std::vector<WorldPose> poses = MapJoints(clip, map);
  ASSERT_EQ(poses.size(), 1u);
  const auto expect = [&](int joint, double x, double y, double z) {  // in the file's axes and units
    const Eigen::Vector3d world(100 * z, 100 * x, 100 * y);
    EXPECT_NEAR((poses[0][joint] - world).norm(), 0, 1e-9)
        << kJointNames[joint] << " " << poses[0][joint].transpose();
  };
  expect(kHip, 10, 20, 30);
  expect(kLHip, 10, 20, 29);
  expect(kRHip, 10, 20, 31);
  expect(kLKnee, 10, 16, 29);
  expect(kRAnkle, 10, 12, 31);
  expect(kSpine, 10, 22, 30);
  expect(kThorax, 10, 25, 30);
  expect(kHead, 10, 26, 30);
  expect(kHeadTop, 10, 27, 30);
  expect(kLWrist, 10, 25, 22);
  expect(kRElbow, 10, 25, 35);
  expect(kRWrist, 10.5, 25, 38);  // the offset (0, 0, 0.5) in the wrist's frame
}

TEST(JointMap, ZUpKeepsTheAxes) {
  const TemporaryFolder folder;
  std::string text = kTinyMap;
  text.replace(text.find("up: y"), 5, "up: z");
  const JointMap map = ReadJointMap(folder.Write("tiny.yaml", text));
  const MocapClip clip =
      ParseBvh(TinyBvh("Frames: 1\nFrame Time: 0.1\n" + Zeros(kTinyChannels) + "\n"), "tiny.bvh");
  EXPECT_TRUE(MapJoints(clip, map)[0][kLKnee].isApprox(Eigen::Vector3d(100, -400, 0)));
}

TEST(JointMap, IsReadFromAPlainFileOfLessThanAMebibyte) {
  const TemporaryFolder folder;
  const std::string pipe = folder / "pipe.yaml";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(MessageOf([&] { ReadJointMap(pipe); }), AllOf(HasSubstr(pipe), HasSubstr("that can be read")));
  const std::string large = folder.Write("large.yaml", kTinyMap + std::string(1 << 20, '#'));
  EXPECT_THAT(MessageOf([&] { ReadJointMap(large); }), AllOf(HasSubstr(large), HasSubstr("1 MiB")));
}

TEST(JointMap, TheShippedMapsAreFoundAndChosenByTheirJoints) {
  const std::vector<JointMap> maps = FindJointMaps("auto");
  ASSERT_GE(maps.size(), 2u);
  EXPECT_EQ(FindJointMaps("daz").at(0).name, "daz");
  EXPECT_NEAR(FindJointMaps("cmu").at(0).unit_mm, 25.4 / 0.45, 1e-9);
  MocapClip clip;
  clip.path = "clip.bvh";
  EXPECT_THAT(
      MessageOf([&] { FittingJointMaps(maps, clip); }),
      AllOf(HasSubstr("clip.bvh"), HasSubstr("'cmu' needs the joint 'LeftUpLeg'"), HasSubstr("'daz'")));
  const JointMap daz = FindJointMaps("daz").at(0);
  for (const JointSource& joint : daz.joints) {
    clip.joints.push_back({joint.first, -1, Eigen::Vector3d::Zero(), {}});
    if (!joint.second.empty()) clip.joints.push_back({joint.second, -1, Eigen::Vector3d::Zero(), {}});
  }
  EXPECT_EQ(FittingJointMaps(maps, clip).at(0)->name, "daz");
  EXPECT_THAT(MessageOf([&] { FindJointMaps("dax"); }), HasSubstr("did you mean 'daz'?"));
}

TEST(JointMap, LINKS_SHAREOverridesTheFolder) {
  const TemporaryFolder folder;
  folder.Write("configs/joints/mine.yaml", kTinyMap);
  setenv("LINKS_SHARE", (folder / "").c_str(), 1);
  EXPECT_EQ(FindJointMaps("auto").size(), 1u);
  EXPECT_EQ(FindJointMaps("mine").at(0).name, "tiny");
  setenv("LINKS_SHARE", (folder / "nothing").c_str(), 1);
  EXPECT_THAT(MessageOf([] { FindJointMaps("auto"); }), HasSubstr("found none"));
  unsetenv("LINKS_SHARE");
}

TEST(JointMap, NamesFileAndLineOfWhatIsWrong) {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& from, const std::string& to) -> std::string {
    std::string text = kTinyMap;
    text.replace(text.find(from), from.size(), to);
    try {
      ReadJointMap(folder.Write("map.yaml", text));
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message("up: y", "up: x"), HasSubstr("map.yaml:3: up must be y or z"));
  EXPECT_THAT(message("unit_mm: 100", "unit_mm: -1"), HasSubstr("map.yaml:2: unit_mm must be above 0"));
  EXPECT_THAT(message("unit_mm: 100", "unit_mm: many"), HasSubstr("map.yaml:2: expected a number"));
  EXPECT_THAT(message("unit_mm", "unit_m"), AllOf(HasSubstr("map.yaml:2:"), HasSubstr("'unit_mm'?")));
  EXPECT_THAT(message("  LKnee: LLeg2\n", ""), HasSubstr("'LKnee' is missing"));
  EXPECT_THAT(message("LKnee", "LeftKnee"), HasSubstr("unknown joint 'LeftKnee'"));
  EXPECT_THAT(message("[LLeg1, RLeg1]", "[LLeg1]"), HasSubstr("map.yaml:5: expected a joint"));
  EXPECT_THAT(message("[0, 0, 0.5]", "[0, 0]"), HasSubstr("three numbers"));
  EXPECT_THAT(message("offset", "shift"), HasSubstr("unknown key 'shift'"));
  EXPECT_THAT(message("name: tiny", "name: [tiny"), HasSubstr("expected YAML"));
  EXPECT_THAT(message(kTinyMap, "just text"), HasSubstr("map.yaml:1: expected keys"));
  EXPECT_THAT(message(kTinyMap, ""), HasSubstr("map.yaml"));
  EXPECT_THROW(ReadJointMap(folder / "none.yaml"), UsageError);
}

}  // namespace
}  // namespace links
