#include "links/gallery/pose_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "links/core/error.h"
#include "links/evaluation/evaluation.h"
#include "links/gallery/run_page.h"
#include "links/synthetic/synthetic.h"

namespace links {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// The numbers below poses average to the evaluation's.
TEST(ScorePoses, AverageToTheEvaluation) {
  SyntheticOptions options;
  options.poses = 50;
  const PoseData poses = Synthesize(options);
  const torch::Tensor truth = RootCentredJoints(poses);
  const torch::Tensor predicted = truth + 40 * torch::randn_like(truth);
  const PoseScores scores = ScorePoses(predicted, truth);
  const Metrics metrics = GroundTruth(poses).Score(predicted, "", "", "", {AllJoints()})[0].metrics;
  const auto mean = [](const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value / static_cast<double>(values.size());
    return sum;
  };
  EXPECT_NEAR(mean(scores.pa_mpjpe), metrics.pa_mpjpe, 1e-6);
  EXPECT_NEAR(mean(scores.pa_mpjpe_reflection), metrics.pa_mpjpe_reflection, 1e-6);
  EXPECT_NEAR(mean(scores.n_mpjpe), metrics.n_mpjpe, 1e-6);
  EXPECT_THROW(ScorePoses(predicted.slice(0, 0, 3), truth), Error);
}

TEST(RowsAtRanks, GoesFromTheBestToTheWorst) {
  const std::vector<double> errors = {5, 1, std::nan(""), 4, 2};
  EXPECT_THAT(RowsAtRanks(errors, {0, 100, 34}), ElementsAre(1, 0, 4));
  EXPECT_THROW(RowsAtRanks(errors, {101}), UsageError);
  EXPECT_THROW(RowsAtRanks({std::nan("")}, {0}), Error);
}

TEST(Differences, AreThoseOfTheReferenceWithoutWhereItComputes) {
  EXPECT_THAT(Differences("seed: 3\nlifters:\n  width: 8\n  loss:\n    bone: 1\n",
                          "seed: 1\nlifters:\n  width: 1024\n  loss:\n    bone: 1\n"),
              ElementsAre(std::array<std::string, 3>{"lifters.width", "8", "1024"}));
}

PageRun SoundRun() {
  PageRun run;
  for (int64_t epoch = 1; epoch <= 20; ++epoch) {
    run.metrics.push_back({"full_flow", epoch, epoch, 0, {{"full/nll_held_out", -10}}});
    run.metrics.push_back(
        {"lifters", epoch, epoch, 0, {{"legs_torso/pa_mpjpe", 50}, {"legs_torso/knees_forward", 0.9}}});
  }
  Metrics good, flat;
  good.poses = flat.poses = 10;
  good.pa_mpjpe = good.pa_mpjpe_reflection = 50;
  flat.pa_mpjpe = flat.pa_mpjpe_reflection = 100;
  run.evaluation.results = {{{"legs_torso"}, good}, {{"flat"}, flat}};
  return run;
}

TEST(Suspicions, ASoundRunHasNone) {
  EXPECT_TRUE(Suspicions(SoundRun()).empty());
}

TEST(Suspicions, EachFaultIsFound) {
  PageRun run = SoundRun();
  run.metrics.back().values[1].second = 0.2;
  EXPECT_THAT(Suspicions(run), Contains(HasSubstr("mirrored in depth")));
  run = SoundRun();
  run.metrics.back().values[0].second = 45;
  EXPECT_THAT(Suspicions(run), Contains(HasSubstr("Not converged")));
  run = SoundRun();
  run.metrics[run.metrics.size() - 2].values[0].second = 20;
  EXPECT_THAT(Suspicions(run), Contains(HasSubstr("30.0 nats worse")));
  run = SoundRun();
  run.evaluation.results[0].second.rejected = 3;
  EXPECT_THAT(Suspicions(run), Contains(HasSubstr("3 of 13 poses")));
  run = SoundRun();
  run.evaluation.results[0].second.pa_mpjpe = 90;
  EXPECT_THAT(Suspicions(run), Contains(HasSubstr("may be mirrored")));
  run.evaluation.results[0].second.pa_mpjpe = run.evaluation.results[0].second.pa_mpjpe_reflection = 110;
  EXPECT_THAT(Suspicions(run), Contains(HasSubstr("no better than flat")));
}

}  // namespace
}  // namespace links
