#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "gpu/on_a_gpu.h"
#include "links/device/captured_work.h"
#include "links/run/settings.h"
#include "links/training/train_step.h"
#include "support/prepared_stage.h"
#include "support/tiny_networks.h"
#include "support/with_options.h"

// A step replayed from its CUDA graph is the step that runs eagerly.

namespace links {
namespace {

using namespace test;
using Configs = std::vector<RunConfig>;

constexpr int kEpochs = 2;

/// Of a stage trained for some epochs.
struct Trained {
  bool captured = false;
  NamedTensors weights;
  std::vector<std::pair<std::string, double>> losses;  // of each epoch and run
};

std::vector<uint64_t> SeedsOf(int epoch, size_t runs) {
  std::vector<uint64_t> seeds;
  for (size_t run = 0; run < runs; ++run) seeds.push_back(100 * epoch + run);
  return seeds;
}

// Every step has another learning rate.
Trained TrainedOn(PreparedStage& prepared, const torch::Tensor& poses, bool graph) {
  const size_t runs = prepared.data.configs.size();
  UseSettings(prepared.data.config());
  Trained trained;
  {
    TrainStep step(prepared.stage, poses, prepared.data.device, graph);
    for (int epoch = 0; epoch < kEpochs; ++epoch) {
      step.StartEpoch(SeedsOf(epoch, runs), 0, SeedsOf(epoch + 1, runs));
      step.meter().Start();
      for (int64_t i = 0; i < step.batcher().steps_per_epoch(); ++i) {
        step.SetLearningRate(1e-3 / static_cast<double>(1 + i % 5));
        step.Run();
      }
      for (size_t run = 0; run < runs; ++run) {
        for (const auto& loss : step.meter().Means("test", static_cast<int64_t>(run)))
          trained.losses.push_back(loss);
      }
    }
    trained.captured = step.captured();
  }
  for (const NamedTensors& module : prepared.stage.Parameters()) {
    for (const auto& [name, weight] : module) trained.weights.emplace_back(name, weight.cpu());
  }
  return trained;
}

Trained TrainedOn(const std::string& stage, const Configs& configs, torch::Device device, bool graph) {
  PreparedStage prepared(stage, configs, device);
  return TrainedOn(prepared, prepared.data.poses, graph);
}

// But for the order in which the GPU adds up.
void ExpectSame(const Trained& found, const Trained& expected) {
  ASSERT_EQ(found.losses.size(), expected.losses.size());
  for (size_t i = 0; i < found.losses.size(); ++i) {
    const double value = expected.losses[i].second;
    EXPECT_NEAR(found.losses[i].second, value, 1e-4 * std::max(1.0, std::abs(value)))
        << found.losses[i].first;
  }
  ASSERT_EQ(found.weights.size(), expected.weights.size());
  for (size_t i = 0; i < found.weights.size(); ++i) {
    EXPECT_TRUE(torch::allclose(found.weights[i].second, expected.weights[i].second, 2e-4, 2e-4))
        << found.weights[i].first;
  }
}

class CapturedStep : public OnAGpu, public testing::WithParamInterface<std::pair<std::string, Configs>> {};

TEST_P(CapturedStep, EqualsTheEagerOneInEveryStage) {
  for (const std::string& stage : StageNames()) {
    SCOPED_TRACE(stage);
    const Trained captured = TrainedOn(stage, GetParam().second, gpu_, true),
                  eager = TrainedOn(stage, GetParam().second, gpu_, false);
    EXPECT_TRUE(captured.captured);
    EXPECT_FALSE(eager.captured);
    ExpectSame(captured, eager);
  }
}

std::vector<std::pair<std::string, Configs>> Variants() {
  const RunConfig tiny = TinyConfig();
  const RunConfig clipped =
      With(tiny, {"flows.schedule.max_grad_norm=1", "lifters.schedule.max_grad_norm=1",
                  "occlusion.schedule.max_grad_norm=0.1", "completion.schedule.max_grad_norm=0.1"});
  return {
      {"tf32", {tiny}},
      {"float32", {With(tiny, {"precision=float32"})}},
      {"bf16", {With(tiny, {"precision=bf16"})}},
      {"clipped", {clipped}},
      {"averaged", {With(tiny, {"lifters.schedule.weight_average=0.9"})}},
      {"side_by_side", {tiny, With(tiny, {"seed=2", "lifters.loss.bone=20"}), With(tiny, {"seed=7"})}},
      {"side_by_side_bf16", {With(tiny, {"precision=bf16"}), With(tiny, {"precision=bf16", "seed=2"})}},
      {"side_by_side_clipped", {clipped, With(clipped, {"seed=2"})}},
      {"full_pose",
       {With(tiny,
             {"lifters.groups=[legs_torso, left_right, full]", "flows.full_pca=20", "include_root=true"})}},
      {"supervised", {With(tiny, {"lifters.supervision=3d"})}},
  };
}

INSTANTIATE_TEST_SUITE_P(Variants, CapturedStep, testing::ValuesIn(Variants()),
                         [](const auto& info) { return info.param.first; });

using CapturedWorkOnAGpu = OnAGpu;

TEST_F(CapturedWorkOnAGpu, TakesADeviceWithoutAnIndex) {
  const Trained captured = TrainedOn("lifters", {TinyConfig()}, torch::kCUDA, true);
  EXPECT_TRUE(captured.captured);
  ExpectSame(captured, TrainedOn("lifters", {TinyConfig()}, gpu_, true));
}

TEST_F(CapturedWorkOnAGpu, FollowsTheLearningRateBetweenReplays) {
  PreparedStage prepared("lifters", {TinyConfig()}, gpu_);
  TrainStep step(prepared.stage, prepared.data.poses, gpu_);
  step.StartEpoch({1});
  step.SetLearningRate(1e-3);
  for (int i = 0; i < 5; ++i) step.Run();
  ASSERT_TRUE(step.captured());
  const torch::Tensor weight = prepared.stage.Parameters().front().front().second;
  const torch::Tensor before = weight.clone();
  step.SetLearningRate(0);
  step.StartEpoch({2});
  step.Run();
  EXPECT_TRUE(weight.equal(before));
  step.SetLearningRate(1e-3);
  step.Run();
  EXPECT_FALSE(weight.equal(before));
}

TEST_F(CapturedWorkOnAGpu, WindowsFromTheHostReachTheGraph) {
  // More steps an epoch than a window has.
  const torch::Tensor poses = RandomKeypoints(16 * 300);
  PreparedStage staged("full_flow", {TinyConfig()}, gpu_), resident("full_flow", {TinyConfig()}, gpu_);
  const Trained from_host = TrainedOn(staged, poses, true);
  EXPECT_TRUE(from_host.captured);
  ExpectSame(from_host, TrainedOn(resident, poses.to(gpu_), true));
}

TEST_F(CapturedWorkOnAGpu, StagedPosesAreThoseOnTheDevice) {
  const torch::Tensor poses = RandomKeypoints(4000);
  Batcher staged(poses, 8, gpu_, 1, 4), on_device(poses.to(gpu_), 8, gpu_);
  for (Batcher* batcher : {&staged, &on_device}) {
    torch::manual_seed(3);
    batcher->Shuffle();
  }
  torch::manual_seed(3);
  const torch::Tensor order = torch::randperm(4000, torch::TensorOptions(torch::kInt64));
  for (int64_t step = 0; step < staged.steps_per_epoch(); ++step) {
    const torch::Tensor by_hand = poses.index_select(0, order.narrow(0, 8 * step, 8));
    for (Batcher* batcher : {&staged, &on_device}) {
      batcher->Prepare();
      EXPECT_TRUE(torch::equal(batcher->Next().cpu(), by_hand)) << step;
    }
  }
}

TEST_F(CapturedWorkOnAGpu, GoesOnEagerlyWhereTheCaptureFails) {
  torch::Tensor sum = torch::zeros({}, gpu_);
  CapturedWork work([&] { sum.add_(sum.item<float>() < 100 ? 1 : 0); }, gpu_, true);
  for (int i = 0; i < 10; ++i) work.Run();
  EXPECT_FALSE(work.captured());
  EXPECT_EQ(sum.item<float>(), 10);
  // And whatever comes after it is captured as if nothing had been.
  EXPECT_TRUE(TrainedOn("full_flow", {TinyConfig()}, gpu_, true).captured);
}

TEST_F(CapturedWorkOnAGpu, LeavesNoMemoryBehind) {
  const auto free_after_training = [&] {
    TrainedOn("lifters", {TinyConfig()}, gpu_, true);
    return FreeMemory(gpu_);
  };
  free_after_training();
  const int64_t first = free_after_training();
  int64_t last = first;
  for (int i = 0; i < 4; ++i) last = free_after_training();
  EXPECT_GE(last, first - (16 << 20)) << "a cuBLAS workspace of each stream is 32 MiB";
}

}  // namespace
}  // namespace links
