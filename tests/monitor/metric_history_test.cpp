#include "links/monitor/metric_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "links/core/error.h"
#include "links/monitor/metric_log.h"
#include "links/monitor/run_curves.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(MetricHistory, IsWhatTheLogWrote) {
  const TemporaryFolder folder;
  {
    MetricLog log(folder / "");
    log.Write("lifters", 10, 1, {{"total", 3.5}, {"legs_torso/pa_mpjpe", 80}});
    log.Write("lifters", 20, 2, {{"total", std::nan("")}, {"legs_torso/pa_mpjpe", 70}});
    log.Write("completion", 5, 1, {{"total", 1}});
  }
  const auto lines = ReadMetrics(folder / "");
  ASSERT_EQ(lines.size(), 3u);
  const History errors = HistoryOf(lines, "lifters", "legs_torso/pa_mpjpe", HistoryAxis::kSteps);
  EXPECT_THAT(errors.x, ElementsAre(10, 20));
  EXPECT_THAT(errors.y, ElementsAre(80, 70));
  EXPECT_THAT(HistoryOf(lines, "lifters", "total", HistoryAxis::kEpochs).y, ElementsAre(3.5));
  EXPECT_GE(HistoryOf(lines, "lifters", "legs_torso/pa_mpjpe", HistoryAxis::kMinutes).x[1], 0);
}

TEST(MetricHistory, ALineThatIsBeingWrittenIsLeftOutAndAWrongOneNamed) {
  const TemporaryFolder folder;
  const std::string whole =
      R"({"stage":"lifters","epoch":1,"step":2,"time":"2026-01-31T12:00:00Z","total":1})";
  folder.Write("metrics.jsonl", whole + "\n" + whole.substr(0, 30));
  EXPECT_EQ(ReadMetrics(folder / "").size(), 1u);
  for (const char* wrong :
       {"[]", "{\"stage\":1}", "text", R"({"stage":"a","epoch":1,"step":2,"time":"noon","total":1})",
        R"({"stage":"a","epoch":1,"step":2,"time":"2026-01-31T12:00:00Z","total":"x"})"}) {
    folder.Write("metrics.jsonl", whole + "\n" + wrong + "\n");
    try {
      ReadMetrics(folder / "");
      ADD_FAILURE() << wrong;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("line 2"));
    }
  }
}

std::vector<MetricLine> SeedLines(double offset, int64_t epochs) {
  std::vector<MetricLine> lines;
  for (int64_t epoch = 1; epoch <= epochs; ++epoch) {
    lines.push_back({"lifters",
                     epoch,
                     10 * epoch,
                     60.0 * static_cast<double>(epoch),
                     {{"legs_torso/pa_mpjpe", offset + static_cast<double>(epoch)}}});
  }
  return lines;
}

// Of three seeds the mean and the deviation of the sample, as far as all of them have come.
TEST(RunCurves, AreMeansWithTheDeviationOfTheSeeds) {
  const GroupCurve curve = CurveOf({"g", {SeedLines(10, 3), SeedLines(20, 3), SeedLines(30, 2)}}, "lifters",
                                   "legs_torso/pa_mpjpe", HistoryAxis::kSteps);
  EXPECT_THAT(curve.x, ElementsAre(10, 20));
  EXPECT_THAT(curve.y, ElementsAre(21, 22));
  EXPECT_THAT(curve.deviation, ElementsAre(testing::DoubleNear(10, 1e-9), testing::DoubleNear(10, 1e-9)));
  EXPECT_TRUE(CurveOf({"g", {SeedLines(1, 2)}}, "lifters", "legs_torso/pa_mpjpe", HistoryAxis::kSteps)
                  .deviation.empty());
}

TEST(RunCurves, AFigureHasLossesLikelihoodsAndErrors) {
  const auto sets =
      CurveSetsOf({{"full_flow", 1, 1, 0, {{"total", 1}, {"full/nll_held_out", 2}}},
                   {"lifters", 1, 1, 0, {{"total", 1}, {"total_held_out", 2}, {"legs_torso/pa_mpjpe", 3}}}});
  std::vector<std::string> titles;
  for (const CurveSet& set : sets) titles.push_back(set.title);
  EXPECT_THAT(titles, ElementsAre("Loss: full flow", "Held-out likelihood: full flow", "Loss: lifters",
                                  "Error on validation poses"));
  EXPECT_EQ(sets[2].metrics.size(), 2u);
}

}  // namespace
}  // namespace links
