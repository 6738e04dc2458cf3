#include "device/other_device.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "links/data/pose_file.h"
#include "links/dataset/batcher.h"
#include "links/device/device.h"
#include "links/evaluation/evaluation.h"
#include "links/network/float32_product.h"
#include "links/training/train_run.h"
#include "links/training/train_step.h"
#include "support/difference.h"
#include "support/prepared_stage.h"
#include "support/tiny_run.h"
#include "support/with_options.h"

// The steps of all stages on a device that is not the CPU: they take the paths that a GPU takes.

namespace links {
namespace {

using namespace test;

using Traffic = std::set<std::string>;
using Configs = std::vector<RunConfig>;

TEST(OtherDevice, NotesWhatTheHostReadsAndSends) {
  HostTraffic::Clear();
  const torch::Tensor x = torch::ones({2, 3}, kOtherDevice);
  const torch::Tensor y = (x * 2).matmul(x.t()) + 1;
  EXPECT_EQ(HostTraffic::Found(), Traffic());
  EXPECT_EQ(y.sum().item<float>(), 28);
  EXPECT_EQ(HostTraffic::Found(), Traffic({"item"}));
  HostTraffic::Clear();
  EXPECT_TRUE(torch::ones({2, 3}).to(kOtherDevice).sizes() == x.sizes());
  EXPECT_EQ(HostTraffic::Found(), Traffic({"copy"}));
  EXPECT_THROW(x + torch::ones({2, 3}), c10::Error);
  HostTraffic::Clear();
  const torch::Tensor places = torch::zeros({1}, torch::kInt64);
  EXPECT_EQ(x.index({places}).numel(), 3);
  EXPECT_EQ(HostTraffic::Found(), Traffic({"copy"}));
  HostTraffic::Clear();
  EXPECT_EQ(x.index({x > 0}).size(0), 6);
  EXPECT_EQ(HostTraffic::Found(), Traffic({"aten::nonzero"}));
}

/// The terms of a stage's loss and the gradients of its parameters, on the CPU.
NamedTensors TermsAndGradients(const std::string& name, const Configs& configs, torch::Device device) {
  PreparedStage prepared(name, configs, device);
  const Stage& stage = prepared.stage;
  NamedTensors parameters;
  for (const NamedTensors& module : stage.Parameters())
    parameters.insert(parameters.end(), module.begin(), module.end());
  for (auto& [key, parameter] : parameters) parameter.requires_grad_(true);
  RandomStreams streams(stage.runs(), device);
  for (int64_t run = 0; run < stage.runs(); ++run) streams.Seed(run, 7);
  const torch::Tensor rows = stage.rows.defined() ? stage.rows : prepared.data.poses;
  const torch::Tensor batch = rows.narrow(0, 0, 16 * stage.runs());
  const StepLoss loss =
      stage.loss(stage.runs() == 1 ? batch : batch.unflatten(0, {stage.runs(), 16}), streams);
  loss.total.sum().backward();
  NamedTensors all = {{"total", loss.total.detach().cpu()}};
  for (const auto& [key, term] : loss.terms) all.emplace_back(key, term.detach().cpu());
  for (const auto& [key, parameter] : parameters) {
    if (parameter.grad().defined()) all.emplace_back(key, parameter.grad().cpu());
  }
  return all;
}

void ExpectTheCpus(const std::string& name, const Configs& configs) {
  SCOPED_TRACE(name);
  const NamedTensors expected = TermsAndGradients(name, configs, torch::kCPU),
                     found = TermsAndGradients(name, configs, kOtherDevice);
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    const torch::Tensor scale = expected[i].second.abs().max().clamp_min(1e-3);
    const torch::Tensor difference = (found[i].second - expected[i].second).abs().max() / scale;
    EXPECT_LT(difference.item<double>(), 1e-3) << found[i].first << " of " << scale.item<double>();
  }
}

// Nothing in a step moves between host and device; before it is recorded, what is kept for later is made.
void ExpectNoTraffic(const std::string& name, const Configs& configs) {
  SCOPED_TRACE(name);
  PreparedStage prepared(name, configs, kOtherDevice);
  TrainStep step(prepared.stage, prepared.data.poses, kOtherDevice);
  step.SetLearningRate(1e-3);
  step.StartEpoch(std::vector<uint64_t>(configs.size(), 1));
  step.Run();
  const torch::Tensor weights = prepared.stage.Parameters().front().front().second, before = weights.cpu();
  HostTraffic::Clear();
  for (int i = 0; i < 2; ++i) step.Run();
  EXPECT_EQ(HostTraffic::Found(), Traffic());
  EXPECT_FALSE(weights.cpu().equal(before)) << "nothing was learnt";
}

class StageOnAnotherDevice : public testing::TestWithParam<std::pair<std::string, Configs>> {};

TEST_P(StageOnAnotherDevice, HasTheCpusTermsAndGradientsAndNeedsNothingOfTheHost) {
  const auto& [label, configs] = GetParam();
  for (const std::string& name : StageNames()) {
    ExpectTheCpus(name, configs);
    ExpectNoTraffic(name, configs);
  }
}

std::vector<std::pair<std::string, Configs>> Variants() {
  const RunConfig tiny = TinyConfig();
  return {
      {"plain", {tiny}},
      {"side_by_side", {tiny, With(tiny, {"seed=2", "lifters.loss.bone=20"})}},
      {"bf16", {With(tiny, {"precision=bf16"})}},
      {"clipped", {With(tiny, {"flows.schedule.max_grad_norm=1", "lifters.schedule.max_grad_norm=1"})}},
      {"full_pose",
       {With(tiny,
             {"lifters.groups=[legs_torso, left_right, full]", "flows.full_pca=20", "include_root=true"})}},
      {"supervised", {With(tiny, {"lifters.supervision=3d"})}},
      {"fixed_elevation", {With(tiny, {"lifters.loss.elevation=fixed"})}},
      {"all_terms", {With(tiny, {"lifters.loss.full_likelihood=0.5", "lifters.loss.front_prior=1"})}},
  };
}

INSTANTIATE_TEST_SUITE_P(Variants, StageOnAnotherDevice, testing::ValuesIn(Variants()),
                         [](const auto& info) { return info.param.first; });

TEST(OtherDevice, WithoutAnIndexIsTheSameDevice) {
  const torch::Device without_index(torch::kPrivateUse1);
  EXPECT_NE(without_index, kOtherDevice);
  EXPECT_EQ(WithIndex(without_index), kOtherDevice);
  EXPECT_EQ(WithIndex(kOtherDevice), kOtherDevice);
  EXPECT_EQ(WithIndex(torch::kCPU), torch::Device(torch::kCPU));
  const torch::Tensor rows = torch::zeros({20, 3});
  EXPECT_FALSE(Batcher(rows.to(kOtherDevice), 4, without_index).staged());
  EXPECT_TRUE(Batcher(rows, 4, without_index).staged());
}

TEST(OtherDevice, AFloat32ProductHasTheCpusGradients) {
  using Sizes = std::vector<int64_t>;
  for (const Sizes& of_added : {Sizes{3, 1, 6}, Sizes{6}}) {
    std::vector<torch::Tensor> here, there;
    for (const Sizes& sizes : {Sizes{3, 4, 5}, Sizes{5, 6}, of_added}) {
      const torch::Tensor values = torch::randn(sizes);
      here.push_back(values.clone().requires_grad_());
      there.push_back(values.to(kOtherDevice).requires_grad_());
    }
    const torch::Tensor slope = torch::randn({3, 4, 6}), expected = here[0].matmul(here[1]) + here[2],
                        found = Float32Product(there[0], there[1], there[2]);
    EXPECT_LT(Difference(found.cpu(), expected), 1e-5);
    (expected * slope).sum().backward();
    (found * slope.to(kOtherDevice)).sum().backward();
    for (size_t i = 0; i < here.size(); ++i)
      EXPECT_LT(Difference(there[i].grad().cpu(), here[i].grad()), 1e-5) << i;
  }
}

TEST(OtherDevice, AnOrderDrawnAheadIsTheOneThatTheEpochWouldDraw) {
  const Configs configs = {TinyConfig(), With(TinyConfig(), {"seed=2"})};
  const auto losses = [&](const std::vector<uint64_t>& ahead) {
    PreparedStage prepared("full_flow", configs, kOtherDevice);
    TrainStep step(prepared.stage, prepared.data.poses, kOtherDevice);
    step.SetLearningRate(1e-3);
    std::vector<std::pair<std::string, double>> all;
    for (const std::vector<uint64_t>& seeds : {std::vector<uint64_t>{1, 2}, std::vector<uint64_t>{3, 4}}) {
      step.StartEpoch(seeds, 0, ahead);
      for (int i = 0; i < 3; ++i) step.Run();
      for (const auto& loss : step.meter().Means("test", 1)) all.push_back(loss);
    }
    return all;
  };
  const auto expected = losses({});
  EXPECT_EQ(losses({3, 4}), expected);
  EXPECT_EQ(losses({5, 6}), expected) << "drawn for an epoch that did not come";
}

/// Runs of all stages.
class RunOnAnotherDevice : public TinyRunTest, public testing::WithParamInterface<Placement> {
 protected:
  RunDirectory Train() {
    RunConfig config = TinyConfig();
    WritePoseFile(folder_ / "poses.h5", poses_);
    config.data.training = config.data.validation = {folder_ / "poses.h5"};
    config.data.placement = GetParam();
    RunDirectory directory(folder_ / "run");
    directory.Prepare(config, /*resume=*/true, kOtherDevice.str());
    EXPECT_EQ(TrainRun(config, directory, {"all"}, kOtherDevice), StageResult::kFinished);
    return directory;
  }

  std::vector<Result> Evaluate(TrainedRun& run, torch::Device device) const {
    return EvaluateRun(run.networks.lifters, &run.networks.fillers, &run.networks.completion,
                       run.normalisation.Keypoints(poses_).to(device), GroundTruth(poses_),
                       run.normalisation.mm_per_unit);
  }

  PoseData poses_ = Synthesize({.poses = 50, .seed = 4});
};

TEST_P(RunOnAnotherDevice, TrainsEveryStageAndIsEvaluatedAsOnTheCpu) {
  const RunDirectory directory = Train();
  TrainedRun there = LoadRun(directory, kOtherDevice), here = LoadRun(directory, torch::kCPU);
  EXPECT_TRUE(there.has_completion && there.has_fillers && there.has_flows);
  const std::vector<Result> found = Evaluate(there, kOtherDevice), expected = Evaluate(here, torch::kCPU);
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].composition, expected[i].composition);
    EXPECT_NEAR(found[i].metrics.pa_mpjpe, expected[i].metrics.pa_mpjpe, 0.01) << found[i].composition;
  }
}

INSTANTIATE_TEST_SUITE_P(Placements, RunOnAnotherDevice,
                         testing::Values(Placement::kDevice, Placement::kHost));

}  // namespace
}  // namespace links
