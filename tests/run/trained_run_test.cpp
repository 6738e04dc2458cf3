#include "links/run/trained_run.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <filesystem>

#include "links/run/checkpoint.h"
#include "support/temporary_folder.h"
#include "support/tiny_networks.h"
#include "support/tiny_run.h"

namespace links {
namespace {

TEST(LoadRun, GivesTheLikelihoodOfTheSegmentFlowsThatWereTrained) {
  const TemporaryFolder folder;
  RunConfig config = test::TinyConfig();
  config.data.training = {folder.Write("poses.h5", "")};
  const RunDirectory directory(folder / "run");
  directory.Prepare(config, false, "cpu");
  Networks trained(config, torch::kCPU);
  for (const auto& [name, tensor] : StateOf(trained.Select({kSegmentFlows}))) {
    if (tensor.is_floating_point()) torch::Tensor(tensor).add_(0.1 * torch::rand_like(tensor));
  }
  const CheckpointHeader header = {"segment_flows", {kSegmentFlows}, {2, 0, true}, {800, 600}, ""};
  WriteCheckpoint(directory.CheckpointPath("segment_flows"), header,
                  StateOf(trained.Select({kSegmentFlows})));

  TrainedRun run = LoadRun(directory, torch::kCPU);
  EXPECT_FALSE(run.has_flows) << "the full-pose flow has no checkpoint";
  Networks untrained(config, torch::kCPU);
  const torch::Tensor poses = test::RandomKeypoints(20);
  for (const Segment segment : {Segment::kLegs, Segment::kTorso, Segment::kLeft, Segment::kRight}) {
    const auto likelihood = [&](Networks& networks) {
      return networks.flows->NegativeLogLikelihood({segment}, poses);
    };
    EXPECT_TRUE(likelihood(run.networks).equal(likelihood(trained))) << SegmentName(segment);
    EXPECT_FALSE(likelihood(run.networks).allclose(likelihood(untrained))) << SegmentName(segment);
  }
  // Of a run only what is asked for is made.
  run = LoadRun(directory, torch::kCPU, {kFullFlow, kLifters});
  EXPECT_TRUE(run.networks.flows && !run.networks.flows->stack() && run.networks.lifters);
  EXPECT_FALSE(run.networks.fillers || run.networks.completion);
  EXPECT_EQ(run.normalisation.head_root_px, 800);
  const auto lift = [&](Networks& networks) { return networks.lifters->LiftPose(LegsTorso(), poses); };
  EXPECT_TRUE(lift(run.networks).equal(lift(untrained))) << "the seed alone decides a network's weights";
}

// A run keeps the scenarios it was trained with, whatever others the program has.
TEST(LoadRun, MakesTheFillersOfTheRunsOwnScenarios) {
  const TemporaryFolder folder;
  RunConfig config = test::TinyConfig();
  config.data.training = {folder.Write("poses.h5", "")};
  config.occlusion.network.scenarios = {"both_legs", "left_arm"};
  const RunDirectory directory(folder / "run");
  const RunLock lock = directory.Prepare(config, false, "cpu");
  Networks trained(config, torch::kCPU);
  const NamedTensors state = StateOf(trained.Select({kFiller3d, kFiller2d}));
  WriteCheckpoint(directory.CheckpointPath("occlusion"),
                  {"occlusion", {kFiller3d, kFiller2d}, {2, 0, true}, {800, 600}, ""}, state);
  TrainedRun run = LoadRun(directory, torch::kCPU);
  ASSERT_TRUE(run.has_fillers);
  ASSERT_EQ(run.networks.fillers->scenarios().size(), 2u);
  EXPECT_EQ(run.networks.fillers->scenarios()[0].name, "both_legs");
}

}  // namespace
}  // namespace links
