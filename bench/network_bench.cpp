#include <benchmark/benchmark.h>
#include <torch/autograd.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/adam.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <functional>
#include <vector>

#include "links/flow/real_nvp.h"
#include "links/lifter/pose_lifters.h"
#include "links/network/residual_block.h"
#include "links/network/stacked_linear.h"
#include "links/training/adam.h"

// Networks side by side against the same networks one by one, as torch::nn has them.
namespace links {
namespace {

using Tensors = std::vector<torch::Tensor>;

constexpr int64_t kNetworks = 4;
constexpr int64_t kRows = 512;
constexpr int64_t kWidths[] = {256, 1024};
const std::vector<int64_t> kFlowDimensions = {12, 20, 20, 20};  // legs, torso, left, right

// Times `forward`, with the gradients of parameters and input where `backward`.
void Time(benchmark::State& state, bool backward, const std::function<Tensors()>& forward) {
  const torch::AutoGradMode gradients(backward);
  Tensors ones;
  for (const torch::Tensor& y : forward()) ones.push_back(torch::ones_like(y));
  for (auto _ : state) {
    const Tensors outputs = forward();
    if (backward) torch::autograd::backward(outputs, ones);
    benchmark::DoNotOptimize(outputs.front().data_ptr());
  }
  state.SetItemsProcessed(state.iterations() * kNetworks * kRows);
}

torch::Tensor Rows(std::vector<int64_t> shape) {
  return torch::randn(shape).requires_grad_();
}

// Of each network by itself.
Tensors InputsOfWidth(int64_t width) {
  Tensors inputs;
  for (int64_t n = 0; n < kNetworks; ++n) inputs.push_back(Rows({kRows, width}));
  return inputs;
}

std::vector<torch::nn::Linear> Layers(int64_t count, int64_t width) {
  std::vector<torch::nn::Linear> layers;
  for (int64_t n = 0; n < count; ++n) layers.emplace_back(width, width);
  return layers;
}

void LayersStacked(benchmark::State& state) {
  const int64_t width = state.range(0);
  StackedLinear layers(AllFeatures(kNetworks, width), AllFeatures(kNetworks, width));
  const torch::Tensor x = Rows({kNetworks, kRows, width});
  Time(state, state.range(1) == 1, [&] { return Tensors{layers->forward(x)}; });
}

void LayersSeparate(benchmark::State& state) {
  std::vector<torch::nn::Linear> layers = Layers(kNetworks, state.range(0));
  const Tensors inputs = InputsOfWidth(state.range(0));
  Time(state, state.range(1) == 1, [&] {
    Tensors outputs;
    for (size_t n = 0; n < layers.size(); ++n) outputs.push_back(layers[n]->forward(inputs[n]));
    return outputs;
  });
}

void ResidualBlocksStacked(benchmark::State& state) {
  const int64_t width = state.range(0);
  ResidualBlock blocks(kNetworks, width);
  const torch::Tensor x = Rows({kNetworks, kRows, width});
  Time(state, state.range(1) == 1, [&] { return Tensors{blocks->forward(x)}; });
}

void ResidualBlocksSeparate(benchmark::State& state) {
  std::vector<torch::nn::Linear> first = Layers(kNetworks, state.range(0)),
                                 second = Layers(kNetworks, state.range(0));
  const Tensors inputs = InputsOfWidth(state.range(0));
  Time(state, state.range(1) == 1, [&] {
    Tensors outputs;
    for (size_t n = 0; n < first.size(); ++n) {
      const torch::Tensor hidden = torch::leaky_relu(first[n]->forward(inputs[n]));
      outputs.push_back(torch::leaky_relu(inputs[n] + torch::leaky_relu(second[n]->forward(hidden))));
    }
    return outputs;
  });
}

void FlowsStacked(benchmark::State& state) {
  RealNvp flows(kFlowDimensions, FlowOptions{.width = state.range(0)});
  const torch::Tensor x = flows->layout().used.unsqueeze(1) * Rows({kNetworks, kRows, flows->dimensions()});
  Time(state, true, [&] { return Tensors{flows->NegativeLogLikelihood(x.detach())}; });
}

void FlowsSeparate(benchmark::State& state) {
  std::vector<RealNvp> flows;
  Tensors inputs;
  for (const int64_t dimensions : kFlowDimensions) {
    flows.emplace_back(dimensions, FlowOptions{.width = state.range(0)});
    inputs.push_back(torch::randn({kRows, dimensions}));
  }
  Time(state, true, [&] {
    Tensors outputs;
    for (size_t n = 0; n < flows.size(); ++n) outputs.push_back(flows[n]->NegativeLogLikelihood(inputs[n]));
    return outputs;
  });
}

void Compare(benchmark::internal::Benchmark* kernel) {
  kernel->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();
}

void CompareLayers(benchmark::internal::Benchmark* kernel) {
  kernel->ArgNames({"width", "backward"});
  for (const int64_t width : kWidths) kernel->Args({width, 0})->Args({width, 1});
  Compare(kernel);
}

void CompareFlows(benchmark::internal::Benchmark* kernel) {
  kernel->ArgName("width");
  for (const int64_t width : kWidths) kernel->Arg(width);
  Compare(kernel);
}

BENCHMARK(LayersStacked)->Apply(CompareLayers);
BENCHMARK(LayersSeparate)->Apply(CompareLayers);
BENCHMARK(ResidualBlocksStacked)->Apply(CompareLayers);
BENCHMARK(ResidualBlocksSeparate)->Apply(CompareLayers);
BENCHMARK(FlowsStacked)->Apply(CompareFlows);
BENCHMARK(FlowsSeparate)->Apply(CompareFlows);

const std::vector<Segment> kLifters = {Segment::kLegs, Segment::kTorso, Segment::kLeft, Segment::kRight};
const LifterOptions kLifterOptions{.width = 256};

void AdamFlat(benchmark::State& state) {
  PoseLifters lifters(kLifters, kLifterOptions, /*include_root=*/false);
  NamedTensors parameters;
  for (const auto& item : lifters->named_parameters()) parameters.emplace_back(item.key(), item.value());
  Adam adam({parameters}, {.weight_decay = 1e-5});
  for (const auto& [name, parameter] : parameters) parameter.grad().normal_();
  const torch::Tensor learning_rate = torch::full({}, 2e-4);
  for (auto _ : state) adam.Step(learning_rate);
}
BENCHMARK(AdamFlat)->Apply(Compare);

void AdamOfTorch(benchmark::State& state) {
  std::vector<PoseLifters> lifters;
  Tensors parameters;
  for (const Segment segment : kLifters) {
    lifters.emplace_back(std::vector{segment}, kLifterOptions, /*include_root=*/false);
    for (const torch::Tensor& parameter : lifters.back()->parameters()) {
      parameter.mutable_grad() = torch::randn_like(parameter);
      parameters.push_back(parameter);
    }
  }
  torch::optim::Adam adam(parameters, torch::optim::AdamOptions(2e-4).weight_decay(1e-5));
  for (auto _ : state) adam.step();
}
BENCHMARK(AdamOfTorch)->Apply(Compare);

}  // namespace
}  // namespace links
