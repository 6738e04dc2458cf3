#include "links/evaluation/occlusion_evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "links/core/error.h"
#include "support/temporary_folder.h"
#include "support/tiny_scored.h"

namespace links {
namespace {

using namespace test;

TEST(ParseOcclusion, KnowsEveryKind) {
  EXPECT_TRUE(ParseOcclusion("paper").paper);
  EXPECT_EQ(ParseOcclusion("paper").most, 3);
  EXPECT_EQ(ParseOcclusion("single-joint").patterns.size(), 17u);
  EXPECT_EQ(ParseOcclusion("pairs").patterns.size(), 16u + 120u);
  EXPECT_EQ(ParseOcclusion("random:2").fewest, 2);
  EXPECT_EQ(ParseOcclusion("random:2").most, 2);
  EXPECT_EQ(ParseOcclusion("random:0-3").fewest, 0);
  EXPECT_EQ(ParseOcclusion("random:0-3").most, 3);
  TemporaryFolder folder;
  folder.Write("p.txt", "LWrist RAnkle\n");
  EXPECT_EQ(ParseOcclusion(folder / "p.txt").patterns.size(), 1u);
  for (const char* wrong :
       {"papers", "random:", "random:3-1", "random:-1", "random:0-14", "random:1-2-3", ""}) {
    EXPECT_THROW(ParseOcclusion(wrong), UsageError) << wrong;
  }
}

class OcclusionEvaluationTest : public TinyScoredTest {
 protected:
  OcclusionEvaluationTest() : TinyScoredTest(kPoses) {}

  static constexpr int64_t kPoses = 60;
};

TEST_F(OcclusionEvaluationTest, PatternsAreScoredOurWayAndThePapersWhereItHasOne) {
  const GroundTruth truth(data_);
  const std::vector<OcclusionPattern> patterns = {{"wrist", {kLWrist}}, {"across", {kRAnkle, kLWrist}}};
  const std::vector<Result> results =
      EvaluatePatterns(lifters_, &fillers_, completion_, patterns, keypoints_, truth, 600);
  std::vector<std::string> rows;
  for (const Result& result : results)
    rows.push_back(result.scenario + " " + result.filler + " " + result.joints);
  EXPECT_THAT(rows, testing::ElementsAre("wrist mask all", "wrist mask visible", "wrist mask occluded",
                                         "wrist o3d all", "wrist o3d visible", "wrist o3d occluded",
                                         "across mask all", "across mask visible", "across mask occluded"));
  // All 17 joints are the visible ones and the occluded ones.
  EXPECT_NEAR(17 * results[0].metrics.mpjpe, 16 * results[1].metrics.mpjpe + results[2].metrics.mpjpe, 1e-2);
  // The paper's way drops the arm: the same figures as its scenario.
  const Scenario& arm = *CoveringScenario({kLWrist});
  const torch::Tensor dropped = LiftOccluded3d(lifters_, fillers_, arm, keypoints_);
  EXPECT_NEAR(results[3].metrics.mpjpe,
              truth.Score(dropped * 600, "", "", "", {AllJoints()})[0].metrics.mpjpe, 1e-4);
  EXPECT_EQ(EvaluatePatterns(lifters_, nullptr, completion_, patterns, keypoints_, truth, 600).size(), 6u);
}

TEST_F(OcclusionEvaluationTest, RandomGapsAreDrawnFromTheSeed) {
  const GroundTruth truth(data_);
  const auto error = [&](int fewest, int most, uint64_t seed) {
    const auto results = EvaluateRandom(lifters_, completion_, fewest, most, seed, keypoints_, truth, 600);
    EXPECT_EQ(results.size(), 1u);
    EXPECT_EQ(results[0].scenario, Concat("random_", fewest, "_", most));
    return results[0].metrics.mpjpe;
  };
  EXPECT_NEAR(error(0, 0, 1), 0, 1e-2) << "the truth is what whole poses are lifted to";
  EXPECT_GT(error(0, 3, 1), 0.1);
  EXPECT_EQ(error(0, 3, 1), error(0, 3, 1));
  EXPECT_NE(error(0, 3, 1), error(0, 3, 2));
  EXPECT_GT(error(8, 8, 1), error(1, 1, 1));
}

}  // namespace
}  // namespace links
