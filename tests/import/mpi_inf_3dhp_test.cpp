#include "links/import/mpi_inf_3dhp.h"

#include <gmock/gmock.h>

#include <set>

#include "links/core/error.h"

namespace links {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// clang-format off: tables
// The joints as the data set's documentation names them, in the order of the files.
constexpr std::array<std::string_view, 28> kTrainNames = {
    "spine3",     "spine4",         "spine2",         "spine",         "pelvis",      "neck",
    "head",       "head_top",       "left_clavicle",  "left_shoulder", "left_elbow",  "left_wrist",
    "left_hand",  "right_clavicle", "right_shoulder", "right_elbow",   "right_wrist", "right_hand",
    "left_hip",   "left_knee",      "left_ankle",     "left_foot",     "left_toe",    "right_hip",
    "right_knee", "right_ankle",    "right_foot",     "right_toe"};
constexpr std::array<std::string_view, 17> kTestNames = {
    "head_top",   "neck",       "right_shoulder", "right_elbow", "right_wrist", "left_shoulder",
    "left_elbow", "left_wrist", "right_hip",      "right_knee",  "right_ankle", "left_hip",
    "left_knee",  "left_ankle", "pelvis",         "spine",       "head"};
// clang-format on

/// The data set's name of one of our joints.
std::string NameOf(int joint) {
  std::string name(kJointNames[joint]);
  if (name == "Hip") return "pelvis";
  if (name == "Thorax") return "neck";
  if (name == "HeadTop") return "head_top";
  const bool sided = joint != kHead && joint != kSpine;
  std::string part = sided ? name.substr(1) : name;
  part[0] = static_cast<char>(std::tolower(part[0]));
  return !sided ? part : (name[0] == 'L' ? "left_" : "right_") + part;
}

TEST(MpiInf3dhp, JointsHaveTheSameNamesInBothFiles) {
  for (int joint = 0; joint < kJoints; ++joint) {
    EXPECT_EQ(kTrainNames[kTrainJoints3dhp[joint]], NameOf(joint));
    EXPECT_EQ(kTestNames[kTestJoints3dhp[joint]], NameOf(joint));
  }
}

TEST(MpiInf3dhp, PublishedCountsAddUp) {
  int64_t frames = 0, test_frames = 0, valid = 0;
  std::set<std::pair<std::string_view, std::string_view>> names;
  for (const TrainSequence3dhp& sequence : kTrainSequences3dhp) {
    names.insert({sequence.subject, sequence.name});
    frames += sequence.frames;
    EXPECT_EQ(sequence.fps, sequence.frames > 10000 ? 50 : 25);
  }
  for (const TestSequence3dhp& sequence : kTestSequences3dhp) {
    test_frames += sequence.frames;
    valid += sequence.valid;
  }
  EXPECT_EQ(names.size(), 16u);
  EXPECT_EQ(frames, 131592);
  EXPECT_EQ(test_frames, 24888);
  EXPECT_EQ(valid, 2929);
}

TEST(MpiInf3dhp, CameraSets) {
  EXPECT_EQ(CameraSet3dhp("all").size(), 14u);
  EXPECT_EQ(CameraSet3dhp("all"), CameraSet3dhp("regular"));
  EXPECT_THAT(CameraSet3dhp("relevant"), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  EXPECT_THAT(CameraSet3dhp("ceiling"), ElementsAre(11, 12, 13));
  EXPECT_THAT(CameraSet3dhp("vnect"), ElementsAre(0, 1, 2, 4, 5, 6, 7, 8));
  EXPECT_THAT(CameraSet3dhp("mm3d_chest"), ElementsAre(0, 2, 4, 7, 8));
  EXPECT_THAT([] { CameraSet3dhp("front"); },
              testing::ThrowsMessage<UsageError>(HasSubstr("mm3d_chest, found 'front'")));
}

}  // namespace
}  // namespace links
