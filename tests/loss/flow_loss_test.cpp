#include "links/loss/flow_loss.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "flow/own_flow.h"
#include "links/core/error.h"
#include "support/tiny_networks.h"

namespace links {
namespace {

using namespace test;

// Mean of 0.5 |z|^2 + D/2 ln 2 pi - log |det| in plain loops, from the segment's flow by itself.
double MeanNll(PoseFlows& flows, Segment segment, const torch::Tensor& poses) {
  const auto place = std::find(flows->segments().begin(), flows->segments().end(), segment);
  RealNvp own = OwnFlow(flows->stack(), place - flows->segments().begin(), kTinyFlow);
  std::vector<torch::Tensor> columns;  // all x, then all y
  for (int64_t k : {0, 1})
    for (int joint : SegmentJoints(segment)) columns.push_back(poses.select(1, joint).select(1, k));
  const FlowOutput output = own->forward(torch::stack(columns, 1));
  double sum = 0;
  for (int64_t b = 0; b < poses.size(0); ++b) {
    for (int64_t d = 0; d < output.z.size(1); ++d) {
      sum += 0.5 * std::pow(output.z[b][d].item<double>(), 2) + 0.5 * std::log(2 * std::numbers::pi);
    }
    sum -= output.log_det[b].item<double>();
  }
  return sum / static_cast<double>(poses.size(0));
}

TEST(FlowLoss, IsTheSumOfTheMeanNllOfRealAndSampledPoses) {
  PoseFlows flows = TinyFlows();
  const torch::Tensor real = RandomKeypoints(5, 1), sampled = RandomKeypoints(5, 2);
  const std::vector<Segment> segments = {Segment::kTorso, Segment::kLeft, Segment::kRight};
  const StepLoss loss = FlowLoss(flows, segments, real, sampled);
  const std::vector<std::pair<std::string, double>> expected = {
      {"torso/nll_real", MeanNll(flows, Segment::kTorso, real)},
      {"torso/nll_sampled", MeanNll(flows, Segment::kTorso, sampled)},
      {"left/nll_real", MeanNll(flows, Segment::kLeft, real)},
      {"left/nll_sampled", MeanNll(flows, Segment::kLeft, sampled)},
      {"right/nll_real", MeanNll(flows, Segment::kRight, real)},
      {"right/nll_sampled", MeanNll(flows, Segment::kRight, sampled)}};
  ASSERT_EQ(loss.terms.size(), expected.size());
  double sum = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(loss.terms[i].first, expected[i].first);
    EXPECT_NEAR(loss.terms[i].second.item<double>(), expected[i].second, 1e-4);
    sum += expected[i].second;
  }
  EXPECT_NEAR(loss.total.item<double>(), sum, 1e-3);
  EXPECT_THROW(FlowLoss(flows, segments, real, RandomKeypoints(7, 2)), Error) << "as many as real ones";
}

TEST(FlowLoss, EachFlowMayHaveABatchOfItsOwn) {
  PoseFlows flows = TinyFlows();
  const torch::Tensor legs = RandomKeypoints(5, 1), torso = RandomKeypoints(5, 3),
                      sampled = RandomKeypoints(5, 2);
  const torch::Tensor real = torch::stack({legs, torso});
  const StepLoss loss = FlowLoss(flows, {Segment::kLegs, Segment::kTorso}, real, sampled.expand_as(real));
  ASSERT_EQ(loss.terms.size(), 4u);
  EXPECT_NEAR(loss.terms[0].second.item<double>(), MeanNll(flows, Segment::kLegs, legs), 1e-4);
  EXPECT_NEAR(loss.terms[1].second.item<double>(), MeanNll(flows, Segment::kLegs, sampled), 1e-4);
  EXPECT_NEAR(loss.terms[2].second.item<double>(), MeanNll(flows, Segment::kTorso, torso), 1e-4);
  EXPECT_NEAR(loss.terms[3].second.item<double>(), MeanNll(flows, Segment::kTorso, sampled), 1e-4);
}

TEST(FlowLoss, WithoutSampledPosesHasOnlyTheRealPart) {
  PoseFlows flows = TinyFlows();
  const torch::Tensor real = RandomKeypoints(5);
  const StepLoss loss = FlowLoss(flows, {Segment::kFull}, real, torch::Tensor());
  ASSERT_EQ(loss.terms.size(), 1u);
  EXPECT_EQ(loss.terms[0].first, "full/nll_real");
  EXPECT_EQ(loss.total.item<double>(), loss.terms[0].second.item<double>());
}

TEST(FlowLoss, TrainsTheFlowsOfItsSegmentsAlone) {
  PoseFlows flows = TinyFlows();
  FlowLoss(flows, {Segment::kLegs}, RandomKeypoints(5), RandomKeypoints(5, 2)).total.backward();
  for (const auto& item : flows->stack()->named_parameters()) {
    const torch::Tensor gradient = item.value().grad();
    ASSERT_TRUE(gradient.defined());
    EXPECT_GT(gradient[0].abs().max().item<double>(), 0) << item.key();
    EXPECT_EQ(gradient.narrow(0, 1, 3).abs().max().item<double>(), 0) << item.key();
  }
  for (const torch::Tensor& parameter : flows->full()->parameters()) EXPECT_FALSE(parameter.grad().defined());
}

}  // namespace
}  // namespace links
