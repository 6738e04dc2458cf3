#include "links/scoring/scoring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "links/synthetic/synthetic.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

PoseData SomePoses(int64_t count) {
  SyntheticOptions options;
  options.poses = count;
  return Synthesize(options);
}

TEST(Score, PredictionsThatAreTheTruthHaveNoError) {
  const TemporaryFolder folder;
  const PoseData poses = SomePoses(40);
  ScoringRequest request;
  request.data = {folder / "truth.h5"};
  request.predictions = folder / "predicted.h5";
  request.selection.stride = 4;
  WritePoseFile(request.data[0], poses);
  WritePoseFile(request.predictions, poses, Joints3d::kPrediction);
  const Report report = Score(request);
  EXPECT_EQ(report.poses, 10);
  EXPECT_FALSE(report.run);
  ASSERT_FALSE(report.results.empty());
  EXPECT_EQ(report.results[0].composition, "predictions");
  EXPECT_NEAR(report.results[0].metrics.mpjpe, 0, 1e-3);
  EXPECT_THAT(report.settings, ElementsAre(Pair("predictions", request.predictions), Pair("protocol", "none"),
                                           Pair("subjects", HasSubstr("S1")), Pair("stride", "every 4. pose"),
                                           Pair("data", request.data[0])));
}

TEST(Score, NeedsAPredictionForEveryPose) {
  const TemporaryFolder folder;
  ScoringRequest request;
  request.data = {folder / "truth.h5"};
  request.predictions = folder / "predicted.h5";
  WritePoseFile(request.data[0], SomePoses(40));
  WritePoseFile(request.predictions, SomePoses(39), Joints3d::kPrediction);
  EXPECT_EQ(MessageOf([&] { Score(request); }),
            "expected as many predictions as poses, 40, found 39 in '" + request.predictions + "'");
}

}  // namespace
}  // namespace links
