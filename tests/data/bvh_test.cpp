#include "links/data/bvh.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "support/temporary_folder.h"
#include "tiny_bvh.h"

namespace links {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kChain = R"(HIERARCHY
ROOT A
{
  OFFSET 9 9 9
  CHANNELS 6 Zposition Xposition Yposition Zrotation Xrotation Yrotation
  JOINT B
  {
    OFFSET 1 0 0
    CHANNELS 2 Xrotation Yposition
    End Site
    {
      OFFSET 0 2 0
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.05
3 1 2 90 0 0 90 0
0 0 0 0 90 90 0 5
)";

void ExpectNear(const Eigen::Vector3d& found, double x, double y, double z) {
  EXPECT_NEAR((found - Eigen::Vector3d(x, y, z)).norm(), 0, 1e-12) << found.transpose();
}

TEST(Bvh, ForwardKinematicsByHand) {
  const MocapClip clip = ParseBvh(kChain, "chain.bvh");
  ASSERT_EQ(clip.joints.size(), 3u);
  EXPECT_EQ(clip.frames, 2);
  EXPECT_NEAR(clip.fps, 20, 1e-12);
  const int a = clip.Find("A"), b = clip.Find("B"), end = clip.Find("B_End");
  EXPECT_EQ(clip.Find("C"), -1);
  const auto first = ForwardKinematics(clip, 0);
  ExpectNear(first[a].position, 1, 2, 3);
  // Rz(90) turns B's offset (1, 0, 0) into (0, 1, 0). B's Rx(90) turns the end's (0, 2, 0) into (0, 0, 2),
  // which Rz keeps.
  ExpectNear(first[b].position, 1, 3, 3);
  ExpectNear(first[end].position, 1, 3, 5);
  const auto second = ForwardKinematics(clip, 1);
  // R = Rx(90) Ry(90): B's local place (1, 5, 0), y replaced by its channel; Ry(90): (0, 5, -1); Rx(90): (0,
  // 1, 5).
  ExpectNear(second[b].position, 0, 1, 5);
  // The end adds (0, 2, 0): Ry keeps it, Rx(90) makes it (0, 0, 2).
  ExpectNear(second[end].position, 0, 1, 7);
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t i = 0; (i = text.find(from, i)) != std::string::npos; i += to.size())
    text.replace(i, from.size(), to);
  return text;
}

TEST(Bvh, LineEndsTabsCaseAndBlankLinesDoNotMatter) {
  const std::string text =
      Replaced(Replaced(Replaced(kChain, "  ", "\t"), "\n", " \r\n\n"), "Xrotation", "XROTATION");
  EXPECT_EQ(ParseBvh(text, "x").values, ParseBvh(kChain, "x").values);
}

TEST(Bvh, ABraceMayFollowANameWithSpaces) {
  std::string text = kChain;
  text.replace(text.find("A\n{"), 3, "left arm {");
  EXPECT_EQ(ParseBvh(text, "x").Find("left arm"), 0);
}

TEST(Bvh, NamesFileAndLineOfWhatIsWrong) {
  const auto message = [](const std::string& from, const std::string& to) {
    std::string text = kChain;
    text.replace(text.find(from), from.size(), to);
    return MessageOf([&] { ParseBvh(text, "clip.bvh"); });
  };
  EXPECT_THAT(message("HIERARCHY", "MOTION"), HasSubstr("clip.bvh:1: expected HIERARCHY"));
  EXPECT_THAT(message("ROOT", "BONE"), HasSubstr("clip.bvh:2: expected ROOT"));
  EXPECT_THAT(message("9 9 9", "9 nine 9"), AllOf(HasSubstr("clip.bvh:4:"), HasSubstr("'nine'")));
  EXPECT_THAT(message("Zposition", "Wposition"), AllOf(HasSubstr("clip.bvh:5:"), HasSubstr("'Wposition'")));
  EXPECT_THAT(message("CHANNELS 6", "CHANNELS 7"),
              AllOf(HasSubstr("clip.bvh:5:"), HasSubstr("0 to 6, found 7")));
  EXPECT_THAT(message("CHANNELS 6", "CHANNELS 5"), AllOf(HasSubstr("clip.bvh:5:"), HasSubstr("'Yrotation'")));
  EXPECT_THAT(message("MOTION", ""), HasSubstr("expected ROOT or MOTION, found 'Frames:'"));
  EXPECT_THAT(message("Frames: 2", "Frames: two"), HasSubstr("clip.bvh:17:"));
  EXPECT_THAT(message("Frames: 2", "Frames: 0"), HasSubstr("at least one frame"));
  EXPECT_THAT(message("Frames: 2", "Frames: 3"), HasSubstr("3 frames, found the end of the file after 2"));
  EXPECT_THAT(message("Frames: 2", "Frames: 1"), HasSubstr("clip.bvh:20: expected 1 frames, found more"));
  EXPECT_THAT(message("Frames: 2", "Frames: 999999999"), HasSubstr("found the end of the file"));
  EXPECT_THAT(message("0.05", "0"), HasSubstr("frame time"));
  EXPECT_THAT(message("3 1 2 90", "3 1 2 nan"), AllOf(HasSubstr("clip.bvh:19:"), HasSubstr("'nan'")));
  EXPECT_THAT(message("3 1 2 90", "3 1 2 1e30"), AllOf(HasSubstr("clip.bvh:19:"), HasSubstr("'1e30'")));
  EXPECT_THAT(message("9 9 9", "9 -2e7 9"), AllOf(HasSubstr("clip.bvh:4:"), HasSubstr("'-2e7'")));
  EXPECT_THAT(message("3 1 2 90", "3 1 2"), HasSubstr("8 numbers for the channels, found 7"));
  EXPECT_THAT(message("3 1 2 90", "3 1 2 90 1"), HasSubstr("found more"));
  EXPECT_THAT(message("3 1 2 90", "3,1 2 90 1"), HasSubstr("'3,1'"));
}

TEST(Bvh, ATruncatedFileIsAnErrorWhereverItEnds) {
  const std::string text = kChain;
  const size_t last_number = text.rfind('5');
  for (size_t length = 0; length <= last_number; ++length) {
    EXPECT_NE(MessageOf([&] { ParseBvh(text.substr(0, length), "x"); }), "") << length;
  }
}

TEST(Bvh, DeepNestingIsNoTrouble) {
  std::string open, close;
  for (int i = 0; i < 20'000; ++i) {
    open += (i ? "JOINT J" : "ROOT J") + std::to_string(i) + "\n{\n";
    close += "}\n";
  }
  EXPECT_THAT(MessageOf([&] { ParseBvh("HIERARCHY\n" + open + close, "x"); }), HasSubstr("10000 joints"));
}

TEST(Bvh, AFileThatCannotBeReadIsAnError) {
  const TemporaryFolder folder;
  EXPECT_THAT(MessageOf([&] { ReadBvh(folder / "none.bvh"); }), HasSubstr("none.bvh"));
  EXPECT_THAT(MessageOf([&] { ReadBvh(folder / ""); }), HasSubstr("cannot read"));
}

TEST(Bvh, ByteOrderMarkNamespacesAndUtf16) {
  std::string text = TinyBvh("Frames: 1\nFrame Time: 0.1\n" + Zeros(kTinyChannels) + "\n");
  text.replace(text.find("JOINT LLeg1"), 11, "JOINT mixamorig:LLeg1");
  const MocapClip clip = ParseBvh("\xEF\xBB\xBF" + text, "a.bvh");
  EXPECT_EQ(clip.Find("LLeg1"), 1);
  EXPECT_THAT(MessageOf([&] { ParseBvh(std::string("\xFF\xFEH\0I\0", 6), "a.bvh"); }),
              testing::HasSubstr("found UTF-16"));
}

}  // namespace
}  // namespace links
