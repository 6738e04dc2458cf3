#include "links/training/step_cost.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "benchmark/tiny_bench.h"
#include "links/core/error.h"
#include "links/loss/completion_loss.h"
#include "links/loss/distillation_loss.h"
#include "links/training/stages.h"

namespace links {
namespace {

// Numbers of weights from the method's sizes alone. W: width, D: channels, J: joints, K: coordinates.

double FlowWeights(double D, double W, double blocks, double hidden) {
  return blocks * (D / 2 * W + (hidden - 1) * W * W + W * D);
}

double PathWeights(double W, double blocks, double outputs) {
  return blocks * 2 * W * W + W * outputs;
}

double EntryWeights(double J, double W) {
  return 2 * J * W;
}

// Entry, shared block and the path to the depths.
double DepthWeights(double J, double W, double blocks) {
  return EntryWeights(J, W) + 2 * W * W + PathWeights(W, blocks, J);
}

// Of one of the eight fillers: known and missing joints together are the 16 without the root.
double FillerWeights(double K, double W, double blocks) {
  return K * 16 * W + 2 * W * W * blocks;
}

constexpr double kSegmentJoints = 6 + 10 + 10 + 10;       // legs, torso, left, right
constexpr double kKnown = 8 * 16 - (4 * 3 + 3 * 6 + 10);  // over all scenarios: arms and legs, pairs, torso

class StepCostTest : public testing::Test {
 protected:
  StepCostTest() {
    config_.flows.schedule.batch = 10;
    config_.lifters.schedule.batch = 12;
    config_.occlusion.schedule.batch = 14;
    config_.completion.schedule.batch = 18;
  }

  void Expect(const std::string& stage, double flop, double trained_weights) {
    Networks networks(config_, torch::kCPU);
    const Cost cost = StageNamed(stage).cost(config_, networks);
    EXPECT_NEAR(1e9 * cost.gflop, flop, 1e-6 * flop) << stage;
    EXPECT_NEAR(1e9 * cost.gbyte, 28 * trained_weights, 1e-6 * cost.gbyte) << stage;
  }

  RunConfig config_ = test::TinyBench();
  const double full_flow_ = FlowWeights(32, 8, 2, 2);
  // Of four networks: what grows with channels or joints at once, then the square matrices of each.
  const double segment_flows_ = FlowWeights(2 * kSegmentJoints, 8, 2, 1) + 4 * 2 * 8 * 8;
  const double depth_ = DepthWeights(kSegmentJoints, 6, 0) + 3 * 2 * 6 * 6 + 4 * 2 * 2 * 6 * 6;
  const double elevation_ = 4 * PathWeights(6, 2, 1);
  const double legs_torso_ = DepthWeights(6, 6, 2) + DepthWeights(10, 6, 2);
};

// A row costs 2 a weight forward and 2 for each gradient, of weights and input: 6. A batch has as many
// samples as poses, each the full flow forwards and backwards.

TEST_F(StepCostTest, FullFlow) {
  Expect("full_flow", (2 * 6 + 2 * 2) * 10 * full_flow_, full_flow_);
  config_.flows.sampled = false;
  Expect("full_flow", 6 * 10 * full_flow_, full_flow_);
  config_.flows.schedule.batch_multiplier = 3;
  Expect("full_flow", 3 * 6 * 10 * full_flow_, full_flow_);
}

TEST_F(StepCostTest, SegmentFlows) {
  Expect("segment_flows", 10 * (2 * 6 * segment_flows_ + 2 * 2 * full_flow_), segment_flows_);
  config_.flows.sampled = false;
  Expect("segment_flows", 10 * 6 * segment_flows_, segment_flows_);
}

TEST_F(StepCostTest, Lifters) {
  // Two lifts, the first one's input needs no gradient; flows give the gradient of their input alone.
  const double row =
      6 * (depth_ + elevation_) - 2 * EntryWeights(kSegmentJoints, 6) + 6 * depth_ + 4 * segment_flows_;
  Expect("lifters", 12 * (2 * row + 2 * 2 * full_flow_), depth_ + elevation_);
  config_.lifters.sampled = false;
  Expect("lifters", 12 * row, depth_ + elevation_);
}

TEST_F(StepCostTest, SidesWithATeacher) {
  config_.lifters.sampled = false;
  config_.lifters.sides_teacher = SidesTeacher::kLegsTorso;
  config_.flows.segments = {Segment::kLegs, Segment::kTorso};
  // Square matrices, and what grows with the joints or channels of both.
  const double flows = FlowWeights(2 * (6 + 10), 8, 2, 1) + 2 * 2 * 8 * 8;
  const double sides = 2 * DepthWeights(10, 6, 2), elevation = 2 * PathWeights(6, 2, 1);
  const double judged = 6 * (2 * legs_torso_ + elevation) - 2 * EntryWeights(6 + 10, 6) + 4 * flows;
  for (const int copies : {0, 3}) {
    config_.lifters.sides_rotated_copies = copies;
    const double taught = (1 + copies) * (6 * sides - 2 * 2 * EntryWeights(10, 6)) +
                          2 * (legs_torso_ + (copies > 0 ? elevation : 0));
    Expect("lifters", 12 * (judged + taught), depth_ + elevation_);
  }
}

TEST_F(StepCostTest, Occlusion) {
  const double o3d = 8 * FillerWeights(3, 5, 1), o2d = 8 * FillerWeights(2, 5, 1);
  const auto expect = [&](double copies, double elevation) {
    const double fillers = copies * (6 * o3d - 2 * 3 * kKnown * 5) + 6 * o2d - 2 * 2 * kKnown * 5;
    Expect("occlusion", 14 * (fillers + 2 * (legs_torso_ + elevation)), o3d + o2d);
  };
  expect(2, 0);
  config_.occlusion.loss->rotated_copies = 3;
  expect(4, 0);
  config_.occlusion.loss->rotation = CopyRotation::kVirtualView;
  expect(4, 2 * PathWeights(6, 2, 1));
  config_.occlusion.loss->rotated_copies = 0;
  expect(1, 0);
}

TEST_F(StepCostTest, Completion) {
  // Each joint: lifted, on a ray, its five coordinates and two states -> 3D.
  const double entry = 7 * 17 * 7, network = entry + PathWeights(7, 2, 3 * 17);
  const double root_entry = 3 * 17 * 4, root = root_entry + PathWeights(4, 1, 2);
  const auto expect = [&](double copies, double elevation) {
    const double trained = copies * (6 * network - 2 * entry) + 6 * root - 2 * root_entry;
    Expect("completion", 18 * (trained + 2 * depth_ + 2 * (legs_torso_ + elevation)), network + root);
  };
  expect(2, 0);
  config_.completion.loss->rotation = CopyRotation::kVirtualView;
  expect(2, 2 * PathWeights(6, 2, 1));
  config_.completion.loss->rotated_copies = 0;
  expect(1, 0);
}

TEST_F(StepCostTest, UnknownStage) {
  Networks networks(config_, torch::kCPU);
  EXPECT_THROW(StageNamed("flows"), Error);
}

TEST_F(StepCostTest, LiftingReadsEachWeightOnce) {
  Networks networks(config_, torch::kCPU);
  for (const int64_t poses : {1, 1000}) {
    const Cost cost = LiftingCost(poses, networks);
    EXPECT_NEAR(1e9 * cost.gflop, 2 * static_cast<double>(poses) * legs_torso_, 1e-3);
    EXPECT_NEAR(1e9 * cost.gbyte, 4 * legs_torso_, 1e-3);
  }
}

}  // namespace
}  // namespace links
