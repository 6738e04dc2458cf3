#include "links/figures/pose_panels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "links/core/error.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

PoseData Poses(int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  PoseData poses;
  for (int64_t i = 0; i < count * 34; ++i) poses.keypoints_2d.push_back(500 + 100 * uniform(random));
  for (int64_t i = 0; i < count * 51; ++i) poses.joints_3d.push_back(4000 + 500 * uniform(random));
  return poses;
}

TEST(Frames, AreParsedInOrder) {
  EXPECT_THAT(ParseFrames("0,5,10-12", 20), ElementsAre(0, 5, 10, 11, 12));
  EXPECT_THAT(ParseFrames("19", 20), ElementsAre(19));
  EXPECT_THAT(ParseFrames("3-3,1", 20), ElementsAre(3, 1));
}

TEST(Frames, EverythingElseIsAWrongCall) {
  for (const char* text : {"", ",", "1,", ",1", "a", "1;2", "-1", "1-", "1-2-3", "5-4", "20", "0-20", " 1",
                           "1 ", "1.5", "+1", "99999999999999999999", "1--2", "0x1"}) {
    EXPECT_THROW(ParseFrames(text, 20), UsageError) << text;
  }
  try {
    ParseFrames("7,20", 20);
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("between 0 and 19"), HasSubstr("'7,20'")));
  }
}

TEST(Frames, SpreadEvenlyFromFirstToLast) {
  EXPECT_THAT(SpreadFrames(15, 8), ElementsAre(0, 2, 4, 6, 8, 10, 12, 14));
  EXPECT_THAT(SpreadFrames(3, 8), ElementsAre(0, 1, 2));
  EXPECT_THAT(SpreadFrames(1, 8), ElementsAre(0));
  EXPECT_THAT(SpreadFrames(1'000'000'000'000, 2), ElementsAre(0, 999'999'999'999));
}

TEST(PosePanels, DataAloneHasKeypointsJointsAndTitle) {
  PoseData data = Poses(3, 1);
  data.subject = {"S1", "S5", "S9"};
  data.action = {"Walk", "", "Sit"};
  data.camera = {"0", "1", "2"};
  data.frame = {10, 20, 30};
  const auto panels = MakePosePanels(&data, nullptr, {2, 1});
  ASSERT_EQ(panels.size(), 2u);
  EXPECT_EQ(panels[0].title, "pose 2: S9, Sit, camera 2, frame 30");
  EXPECT_EQ(panels[1].title, "pose 1: S5, camera 1, frame 20");
  EXPECT_EQ(panels[0].keypoints_2d,
            std::vector<float>(data.keypoints_2d.begin() + 68, data.keypoints_2d.end()));
  EXPECT_EQ(panels[0].joints_3d, std::vector<float>(data.joints_3d.begin() + 102, data.joints_3d.end()));
  EXPECT_THAT(panels[0].truth_3d, IsEmpty());

  data.joints_3d.clear();
  EXPECT_THAT(MakePosePanels(&data, nullptr, {0})[0].joints_3d, IsEmpty());
}

TEST(PosePanels, APredictionIsScaledToTheTruthAboutTheHip) {
  const PoseData data = Poses(2, 1);
  PoseData predictions = data;
  for (int64_t i = 51; i < 102; ++i) {
    const float hip = data.joints_3d[51 + i % 3];
    predictions.joints_3d[i] = (data.joints_3d[i] - hip) / 250 + 7;  // another unit, another place
  }
  const PosePanel panel = MakePosePanels(&data, &predictions, {1})[0];
  EXPECT_THAT(panel.title, HasSubstr("prediction scaled by 250"));
  for (int i = 0; i < 51; ++i) {
    EXPECT_NEAR(panel.joints_3d[i] - panel.joints_3d[i % 3], panel.truth_3d[i] - panel.truth_3d[i % 3], 0.1);
  }
}

// No other scale comes nearer to the truth.
TEST(PosePanels, TheScaleIsThatOfLeastSquares) {
  const PoseData data = Poses(1, 1);
  PoseData predictions = data;
  const PoseData noise = Poses(1, 2);
  for (int i = 0; i < 51; ++i)
    predictions.joints_3d[i] = 0.01f * (data.joints_3d[i] + 0.3f * noise.joints_3d[i]);
  const PosePanel panel = MakePosePanels(&data, &predictions, {0})[0];
  const auto error = [&](double factor) {
    double sum = 0;
    for (int i = 0; i < 51; ++i) {
      const double p = panel.joints_3d[i] - panel.joints_3d[i % 3],
                   t = panel.truth_3d[i] - panel.truth_3d[i % 3];
      sum += (factor * p - t) * (factor * p - t);
    }
    return sum;
  };
  EXPECT_LT(error(1), error(0.99));
  EXPECT_LT(error(1), error(1.01));
}

TEST(PosePanels, APredictionWithoutExtentStaysAsItIs) {
  const PoseData data = Poses(1, 1);
  PoseData predictions = data;
  predictions.joints_3d.assign(51, 3.0f);
  EXPECT_EQ(MakePosePanels(&data, &predictions, {0})[0].joints_3d, predictions.joints_3d);
}

TEST(PosePanels, WrongFilesAreErrors) {
  const PoseData data = Poses(3, 1);
  PoseData predictions = Poses(2, 2);
  EXPECT_THROW(MakePosePanels(&data, &predictions, {0}), Error);
  predictions.joints_3d.clear();
  EXPECT_THROW(MakePosePanels(nullptr, &predictions, {0}), Error);
}

TEST(PosePanels, JointsWithoutAKeypointAreGuessed) {
  PoseData data = Poses(2, 1), predictions = Poses(2, 2);
  predictions.keypoints_2d[2 * (kJoints + kLWrist)] = std::nanf("");
  const auto guessed = [](const PosePanel& panel) {
    return std::count(panel.guessed.begin(), panel.guessed.end(), true);
  };
  const auto panels = MakePosePanels(&data, &predictions, {0, 1});
  EXPECT_EQ(guessed(panels[0]), 0);
  EXPECT_EQ(guessed(panels[1]), 1);
  EXPECT_TRUE(panels[1].guessed[kLWrist]);
  EXPECT_EQ(guessed(MakePosePanels(&data, nullptr, {1})[0]), 0);
}

TEST(Frames, TheWorstAreFarthestFromTheDataWhateverTheirSize) {
  const PoseData data = Poses(4, 1);
  PoseData predictions = data;
  for (float& value : predictions.joints_3d) value *= 3;  // size does not count
  for (const auto& [row, off] : {std::pair{2, 900.f}, std::pair{0, 300.f}})
    predictions.joints_3d[3 * (kJoints * row + kLWrist)] += off;
  EXPECT_THAT(WorstFrames(data, predictions, 2), ElementsAre(2, 0));
  EXPECT_EQ(WorstFrames(data, predictions, 9).size(), 4u);
  EXPECT_THROW(WorstFrames(data, Poses(3, 1), 2), Error);
}

}  // namespace
}  // namespace links
