#include "links/training/train_step.h"

#include <gtest/gtest.h>
#include <torch/nn/module.h>
#include <torch/optim/adam.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "links/flow/sampler.h"
#include "links/loss/distillation_loss.h"
#include "links/loss/flow_loss.h"
#include "links/loss/lifting_loss.h"
#include "support/tiny_networks.h"

namespace links {
namespace {

using namespace test;

constexpr int kSteps = 6;
constexpr uint64_t kSeed = 5;
constexpr double kRate = 1e-2, kDecay = 1e-3;

/// The networks of one training and the three stages of the method as public losses.
struct Training {
  explicit Training(torch::Device device) : device(device) {
    const std::vector<std::shared_ptr<torch::nn::Module>> all = {flows.ptr(), lifters.ptr(), fillers.ptr()};
    for (const auto& module : all) {
      module->to(device);
      Freeze(*module);
    }
    ratios = torch::tensor(std::vector<double>(kHuman36mBoneRatios.begin(), kHuman36mBoneRatios.end()))
                 .to(device, torch::kFloat32);
  }

  Stage Flows() {
    const std::vector<Segment> segments = flows->segments();
    return MakeStage({{"segments", flows->stack().ptr()}},
                     [this, segments](const torch::Tensor& batch, const RandomStreams& streams) {
                       return FlowLoss(flows, segments, batch, SamplePoses(flows, batch, {}, streams));
                     });
  }
  Stage Lifters() {
    const LiftingLoss loss({FindLifterGroup("legs_torso"), FindLifterGroup("left_right")},
                           LiftingLossOptions(), ratios);
    return MakeStage({{"segments", lifters->stack().ptr()}},
                     [this, loss](const torch::Tensor& batch, const RandomStreams& streams) {
                       const torch::Tensor sampled = SamplePoses(flows, batch, {}, streams);
                       return loss(lifters, flows, torch::cat({batch, sampled}), streams);
                     });
  }
  Stage Fillers() {
    return MakeStage({{"o3d", fillers->o3d().ptr()}, {"o2d", fillers->o2d().ptr()}},
                     [this](const torch::Tensor& batch, const RandomStreams& streams) {
                       return DistillationLoss({})(fillers, lifters, batch, streams);
                     });
  }

  static Stage MakeStage(NamedModules modules,
                         std::function<StepLoss(const torch::Tensor&, const RandomStreams&)> loss) {
    Stage stage;
    stage.name = "sample";
    stage.modules = std::move(modules);
    stage.schedule = {.batch = 8, .weight_decay = kDecay, .max_grad_norm = 0};
    stage.loss = std::move(loss);
    return stage;
  }

  torch::Device device;
  PoseFlows flows = TinyFlows();
  PoseLifters lifters = TinyLifters({Segment::kLegs, Segment::kTorso, Segment::kLeft, Segment::kRight});
  ::links::Fillers fillers = TinyFillers();
  torch::Tensor ratios;
};

using StageOf = Stage (Training::*)();
constexpr std::array<StageOf, 3> kStages = {&Training::Flows, &Training::Lifters, &Training::Fillers};

// The same steps as one would write them down: a gather, autograd's own gradients, torch's Adam.
std::vector<double> PlainSteps(const Stage& stage, const torch::Tensor& poses) {
  std::vector<torch::Tensor> parameters;
  for (const NamedTensors& module : stage.Parameters()) {
    for (const auto& [name, parameter] : module) parameters.push_back(parameter);
  }
  for (torch::Tensor& parameter : parameters) parameter.requires_grad_(true);
  torch::optim::Adam adam(parameters, torch::optim::AdamOptions(kRate).weight_decay(kDecay));
  const torch::Tensor order = torch::randperm(poses.size(0), torch::TensorOptions(torch::kInt64));
  std::vector<double> sums;
  for (int64_t step = 0; step < kSteps; ++step) {
    const StepLoss loss = stage.loss(
        poses.index_select(0, order.narrow(0, step * stage.schedule.batch, stage.schedule.batch)), {});
    adam.zero_grad();
    loss.total.backward();
    adam.step();
    sums.resize(loss.terms.size() + 1);
    sums[0] += loss.total.item<double>() / kSteps;
    for (size_t i = 0; i < loss.terms.size(); ++i)
      sums[i + 1] += loss.terms[i].second.item<double>() / kSteps;
  }
  return sums;
}

std::vector<double> Steps(const Stage& stage, const torch::Tensor& poses) {
  TrainStep step(stage, poses, poses.device());
  step.SetLearningRate(kRate);
  step.StartEpoch({kSeed});
  for (int i = 0; i < kSteps; ++i) step.Run();
  std::vector<double> means;
  for (const auto& [name, value] : step.meter().Means("test")) means.push_back(value);
  return means;
}

void ExpectSame(const Stage& a, const Stage& b, double tolerance) {
  const NamedTensors weights_a = a.State(), weights_b = b.State();
  ASSERT_EQ(weights_a.size(), weights_b.size());
  for (size_t i = 0; i < weights_a.size(); ++i) {
    EXPECT_TRUE(torch::allclose(weights_a[i].second, weights_b[i].second, tolerance, tolerance))
        << weights_a[i].first;
  }
}

TEST(TrainStep, EqualsThePlainPathInLossesAndWeights) {
  const torch::Tensor poses = RandomKeypoints(kSteps * 8);
  for (const StageOf stage_of : kStages) {
    Training fast(torch::kCPU), plain(torch::kCPU);
    const Stage fast_stage = (fast.*stage_of)(), plain_stage = (plain.*stage_of)();
    const NamedTensors before = plain_stage.State();
    const torch::Tensor start = before.front().second.clone();
    const std::vector<double> means = Steps(fast_stage, poses);
    torch::manual_seed(kSeed);
    const std::vector<double> expected = PlainSteps(plain_stage, poses);
    ASSERT_EQ(means.size(), expected.size());
    for (size_t i = 0; i < means.size(); ++i)
      EXPECT_NEAR(means[i], expected[i], 2e-5 * std::max(1.0, std::abs(expected[i])));
    ExpectSame(fast_stage, plain_stage, 2e-5);
    EXPECT_FALSE(torch::allclose(start, plain_stage.State().front().second, 1e-3, 1e-3))
        << "nothing was learnt";
  }
}

TEST(TrainStep, LeavesTheNetworksFrozen) {
  Training training(torch::kCPU);
  const Stage stage = training.Fillers();
  Steps(stage, RandomKeypoints(kSteps * 8));
  for (const NamedTensors& module : stage.Parameters()) {
    for (const auto& [name, parameter] : module) {
      EXPECT_FALSE(parameter.requires_grad()) << name;
      EXPECT_FALSE(parameter.grad().defined()) << name;
    }
  }
}

TEST(CapturedWork, RunsAsItIsOnACpu) {
  int runs = 0;
  CapturedWork work([&] { ++runs; }, torch::kCPU, true);
  for (int i = 0; i < 10; ++i) work.Run();
  EXPECT_EQ(runs, 10);
  EXPECT_FALSE(work.captured());
}

}  // namespace
}  // namespace links
