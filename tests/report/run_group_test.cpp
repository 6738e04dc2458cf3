#include "links/report/run_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

EvaluationFile Evaluation(const std::string& key, int64_t seed, double mpjpe) {
  EvaluationFile file;
  file.path = key + std::to_string(seed) + "/evaluation.json";
  file.protocol = "cmu";
  file.run = EvaluationFile::Run{"run " + key, seed, key};
  file.poses = 100;
  Metrics metrics;
  metrics.mpjpe = mpjpe;
  file.results = {{{"legs_torso"}, metrics}, {{"flat"}, metrics}, {{"full", "left_arm", "o3d"}, metrics}};
  return file;
}

TEST(GroupRuns, RunsThatDifferInTheSeedAreOneRow) {
  const std::vector<RunGroup> groups =
      GroupRuns({Evaluation("a", 3, 1), Evaluation("b", 1, 1), Evaluation("a", 1, 1), Evaluation("a", 2, 1)});
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].Name(), "run a");
  EXPECT_THAT(groups[0].Seeds(), ElementsAre(1, 2, 3));
  EXPECT_EQ(groups[1].Name(), "run b");
  EXPECT_THAT(groups[1].Seeds(), ElementsAre(1));
}

TEST(GroupRuns, OtherPosesOtherProtocolsAndPredictionsStayApart) {
  EvaluationFile poses = Evaluation("a", 2, 1), protocol = Evaluation("a", 3, 1),
                 theirs = Evaluation("a", 1, 1);
  poses.poses = 99;
  protocol.protocol = "h36m";
  theirs.run.reset();
  theirs.settings = {{"predictions", "their.h5"}};
  const std::vector<RunGroup> groups = GroupRuns({Evaluation("a", 1, 1), poses, protocol, theirs, theirs});
  ASSERT_EQ(groups.size(), 5u);
  EXPECT_EQ(groups[3].Name(), "their.h5");
  EXPECT_TRUE(groups[3].Seeds().empty());
}

TEST(GroupRuns, ASeedTwiceIsAMistake) {
  EXPECT_THAT(MessageOf([] {
                GroupRuns({Evaluation("a", 1, 1), Evaluation("a", 2, 1), Evaluation("a", 1, 2)});
              }),
              AllOf(HasSubstr("seed 1"), HasSubstr("'a1/evaluation.json'")));
}

TEST(GroupRuns, SeedsMustHoldTheSameResults) {
  for (int shorter : {1, 2}) {
    EvaluationFile one = Evaluation("a", 1, 1), two = Evaluation("a", 2, 1);
    (shorter == 1 ? one : two).results.pop_back();
    EXPECT_THAT(MessageOf([&] {
                  GroupRuns({one, two});
                }),
                AllOf(HasSubstr("a" + std::to_string(shorter) + "/evaluation.json: "),
                      HasSubstr("'left_arm', 'o3d'")));
  }
}

TEST(RunGroup, MeanAndDeviationOfTheSample) {
  // Mean 5; squared distances 9, 1, 1, 9, 0: 20 / 4 = 5.
  const std::vector<double> values = {2, 4, 6, 8, 5};
  std::vector<EvaluationFile> files;
  for (size_t i = 0; i < values.size(); ++i)
    files.push_back(Evaluation("a", static_cast<int64_t>(i), values[i]));
  const Statistic five = GroupRuns(files).at(0).Over({"legs_torso"}, &Metrics::mpjpe);
  EXPECT_NEAR(five.mean, 5, 1e-12);
  EXPECT_NEAR(five.deviation, std::sqrt(5.0), 1e-12);
  const Statistic one = GroupRuns({files[0]}).at(0).Over({"legs_torso"}, &Metrics::mpjpe);
  EXPECT_EQ(one.mean, 2);
  EXPECT_TRUE(IsAbsent(one.deviation));
}

TEST(RunGroup, AMetricThatASeedLacksIsAbsent) {
  const RunGroup group = GroupRuns({Evaluation("a", 1, 1), Evaluation("a", 2, kAbsent)}).at(0);
  EXPECT_TRUE(IsAbsent(group.Over({"legs_torso"}, &Metrics::mpjpe).mean));
  EXPECT_TRUE(IsAbsent(group.Over({"left_core"}, &Metrics::mpjpe).mean));
}

TEST(RunGroup, KnowsItsCompositionsAndANameWhereTheRunHasNone) {
  EvaluationFile file = Evaluation("a", 1, 1);
  file.run->name.clear();
  const RunGroup group = GroupRuns({file}).at(0);
  EXPECT_EQ(group.Name(), "a1");
  EXPECT_THAT(group.Compositions("none", "none"), ElementsAre("legs_torso", "flat"));
  EXPECT_THAT(group.Compositions("left_arm", "o3d"), ElementsAre("full"));
  EXPECT_TRUE(group.Compositions("left_arm", "o2d").empty());
}

}  // namespace
}  // namespace links
