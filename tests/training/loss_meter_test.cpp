#include "links/training/loss_meter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <limits>

#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

StepLoss Loss(double total, double first, double second) {
  return {torch::tensor(total), {{"first", torch::tensor(first)}, {"second", torch::tensor(second)}}};
}

using Means = std::vector<std::pair<std::string, double>>;

TEST(LossMeter, GivesMeansSinceTheStartTotalFirst) {
  LossMeter meter(torch::kCPU);
  meter.Start();
  meter.Add(Loss(1, 10, 100));
  meter.Add(Loss(3, 20, 400));
  EXPECT_EQ(meter.Means(""), (Means{{"total", 2}, {"first", 15}, {"second", 250}}));
  meter.Start();
  meter.Add(Loss(7, 8, 9));
  EXPECT_EQ(meter.Means(""), (Means{{"total", 7}, {"first", 8}, {"second", 9}}));
}

TEST(LossMeter, SumsInDoublePrecision) {
  LossMeter meter(torch::kCPU);
  for (int i = 0; i < 1000; ++i) meter.Add(Loss(1 << 24, 1, 0));
  meter.Add(Loss((1 << 24) + 1001.0 * 2, 1, 0));
  EXPECT_NEAR(meter.Means("")[0].second, (1 << 24) + 2.0, 1e-6);
}

std::string Complaint(const std::vector<StepLoss>& losses) {
  LossMeter meter(torch::kCPU);
  meter.Start();
  for (const StepLoss& loss : losses) meter.Add(loss);
  return MessageOf([&] { meter.Means("stage lifters, epoch 3"); });
}

TEST(LossMeter, NamesTheFirstBadStepAndItsTerm) {
  EXPECT_THAT(Complaint({Loss(1, 1, 1), Loss(kNaN, 1, kNaN), Loss(kNaN, kNaN, kNaN)}),
              AllOf(HasSubstr("'second'"), HasSubstr("stage lifters, epoch 3"), HasSubstr("step 2")));
  EXPECT_THAT(Complaint({Loss(kInfinity, kInfinity, 1), Loss(1, 1, kNaN)}),
              AllOf(HasSubstr("'first'"), HasSubstr("step 1")));
  EXPECT_THAT(Complaint({Loss(kNaN, 1, 1)}), HasSubstr("'total'"));
  EXPECT_EQ(Complaint({Loss(1, -1e30, 0)}), "");
}

TEST(LossMeter, StartForgetsABadStep) {
  LossMeter meter(torch::kCPU);
  meter.Add(Loss(kNaN, 1, 1));
  meter.Start();
  meter.Add(Loss(1, 1, 1));
  EXPECT_EQ(meter.Means("")[0].second, 1);
}

TEST(LossMeter, GoesOnFromARestoredState) {
  LossMeter stopped(torch::kCPU), resumed(torch::kCPU);
  stopped.Add(Loss(1, 10, 100));
  stopped.Add(Loss(2, 20, 200));
  ASSERT_EQ(stopped.terms(), 3);
  resumed.PrepareState(stopped.terms());
  const NamedTensors from = stopped.State(), to = resumed.State();
  for (size_t i = 0; i < from.size(); ++i) torch::Tensor(to[i].second).copy_(from[i].second);
  resumed.Add(Loss(6, 60, 600));
  EXPECT_EQ(resumed.Means(""), (Means{{"total", 3}, {"first", 30}, {"second", 300}}));
  resumed.Add(Loss(kNaN, 1, 1));
  EXPECT_THAT(MessageOf([&] { resumed.Means(""); }), HasSubstr("step 4"));
}

}  // namespace
}  // namespace links
