#include "links/occlusion/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "links/core/error.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Patterns, SinglesAndPairsAreAllThereOnce) {
  std::set<std::vector<int>> singles, pairs;
  for (const OcclusionPattern& pattern : SingleJointPatterns()) singles.insert(pattern.missing);
  EXPECT_EQ(singles.size(), 17u);
  EXPECT_EQ(SingleJointPatterns()[kLWrist].name, "single/LWrist");
  std::set<std::string> names;
  for (const OcclusionPattern& pattern : PairPatterns()) {
    pairs.insert(pattern.missing);
    names.insert(pattern.name);
    EXPECT_THAT(pattern.missing, testing::Each(testing::Gt(0)));
    EXPECT_LT(pattern.missing[0], pattern.missing[1]);
  }
  EXPECT_EQ(pairs.size(), 120u);
  EXPECT_TRUE(names.contains("pair/RAnkle+LWrist"));
}

TEST(Patterns, TheSmallestScenarioCovers) {
  EXPECT_EQ(CoveringScenario({kLWrist})->name, "left_arm");
  EXPECT_EQ(CoveringScenario({kRHip, kRAnkle})->name, "right_leg");
  EXPECT_EQ(CoveringScenario({kRHip, kRElbow})->name, "right_arm_leg");
  EXPECT_EQ(CoveringScenario({kLAnkle, kRAnkle})->name, "both_legs");
  EXPECT_EQ(CoveringScenario({kLWrist, kRWrist})->name, "full_torso");
  EXPECT_EQ(CoveringScenario({kHeadTop})->name, "full_torso");
  EXPECT_EQ(CoveringScenario({kRAnkle, kLWrist}), nullptr) << "the paper's own example of what it cannot do";
  EXPECT_EQ(CoveringScenario({kHip}), nullptr);
}

TEST(Patterns, AreReadFromAFile) {
  TemporaryFolder folder;
  folder.Write("patterns.txt", "# across the body\nLWrist, RAnkle\n\n  3 0 # by number\r\n");
  const std::vector<OcclusionPattern> patterns = ReadPatterns(folder / "patterns.txt");
  ASSERT_EQ(patterns.size(), 2u);
  EXPECT_THAT(patterns[0].missing, ElementsAre(kRAnkle, kLWrist));
  EXPECT_EQ(patterns[0].name, "RAnkle+LWrist");
  EXPECT_THAT(patterns[1].missing, ElementsAre(0, 3));
}

TEST(Patterns, MistakesNameFileAndLine) {
  TemporaryFolder folder;
  const auto complaint = [&](const std::string& text) {
    folder.Write("p.txt", text);
    return MessageOf([&] { ReadPatterns(folder / "p.txt"); });
  };
  EXPECT_THAT(complaint("LWrist\nElbow"), AllOf(HasSubstr("p.txt:2"), HasSubstr("'Elbow'")));
  EXPECT_THAT(complaint("17"), AllOf(HasSubstr("p.txt:1"), HasSubstr("'17'")));
  EXPECT_THAT(complaint("LWrist 13"), HasSubstr("twice"));
  EXPECT_THAT(complaint("0 1 2 3 4 5 6 7 8 9 10 11 12 13"), HasSubstr("found 3"));
  EXPECT_THAT(complaint("# nothing\n"), HasSubstr("found none"));
  EXPECT_THROW(ReadPatterns(folder / "absent.txt"), Error);
}

}  // namespace
}  // namespace links
