#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "gpu/on_a_gpu.h"
#include "links/dataset/random_streams.h"
#include "links/device/captured_work.h"

namespace links {
namespace {

using namespace test;
using RandomNumbersOnAGpu = OnAGpu;

constexpr int64_t kRuns = 3;

TEST_F(RandomNumbersOnAGpu, EachRunSeesWhatItWouldSeeAlone) {
  RandomStreams together(2, gpu_), alone(1, gpu_);
  together.Seed(0, 3);
  together.Seed(1, 4);
  alone.Seed(0, 4);
  const auto numbers = torch::TensorOptions(gpu_);
  const torch::Tensor both = together.Normal(torch::zeros({2, 100, 3}, numbers));
  EXPECT_TRUE(both[1].equal(alone.Normal(torch::zeros({100, 3}, numbers))));
}

/// Work that draws for each of several runs, eager or captured.
class Draws {
 public:
  Draws(torch::Device device, bool record)
      : streams_(kRuns, device),
        drawn_(torch::zeros({2, kRuns, 100}, device)),
        work_(
            [this] {
              drawn_[0].copy_(streams_.Normal(drawn_[0]));
              drawn_[1].copy_(streams_.Uniform(drawn_[1]));
              drawn_[1].add_(streams_.Below(1000, drawn_[1]));
            },
            device, record, streams_.generators()) {}

  void Seed(uint64_t seed) {
    for (int64_t run = 0; run < kRuns; ++run) streams_.Seed(run, seed + static_cast<uint64_t>(run));
  }
  torch::Tensor Next() {
    work_.Run();
    return drawn_.cpu();
  }
  std::vector<torch::Tensor> States() const {
    std::vector<torch::Tensor> states;
    for (const at::Generator& generator : streams_.generators()) states.push_back(generator.get_state());
    return states;
  }
  void Restore(const std::vector<torch::Tensor>& states) {
    for (size_t run = 0; run < states.size(); ++run) {
      at::Generator generator = streams_.generators()[run];
      generator.set_state(states[run]);
    }
  }
  bool captured() const { return work_.captured(); }
  RandomStreams& streams() { return streams_; }

 private:
  RandomStreams streams_;
  torch::Tensor drawn_;
  CapturedWork work_;
};

// A captured work and an eager one, always asked for the same.
struct Pair {
  explicit Pair(torch::Device device) : captured(device, true), eager(device, false) {}

  void Seed(uint64_t seed) {
    for (Draws* draws : {&captured, &eager}) draws->Seed(seed);
  }
  void ExpectSame(int times) {
    for (int i = 0; i < times; ++i) ASSERT_TRUE(captured.Next().equal(eager.Next())) << i;
    const std::vector<torch::Tensor> found = captured.States(), expected = eager.States();
    for (size_t run = 0; run < found.size(); ++run) EXPECT_TRUE(found[run].equal(expected[run])) << run;
  }

  Draws captured, eager;
};

TEST_F(RandomNumbersOnAGpu, AGraphDrawsWhatTheEagerWorkDrawsOverEpochs) {
  Pair draws(gpu_);
  for (const uint64_t seed : {5, 6, 5, 5}) {
    draws.Seed(seed);
    draws.ExpectSame(7);
  }
  EXPECT_TRUE(draws.captured.captured());
  EXPECT_FALSE(draws.eager.captured());
}

TEST_F(RandomNumbersOnAGpu, ASeedIsTheSameBeforeAndAfterTheCapture) {
  Draws draws(gpu_, true);
  draws.Seed(5);
  const torch::Tensor first = draws.Next(), second = draws.Next();
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(draws.Next().equal(first)) << i;
  ASSERT_TRUE(draws.captured());
  draws.Seed(5);
  EXPECT_TRUE(draws.Next().equal(first));
  EXPECT_TRUE(draws.Next().equal(second));
}

TEST_F(RandomNumbersOnAGpu, AStoredStateIsGoneOnFrom) {
  Pair draws(gpu_);
  draws.Seed(5);
  draws.ExpectSame(6);
  const std::vector<torch::Tensor> states = draws.captured.States();
  std::vector<torch::Tensor> expected;
  for (int i = 0; i < 3; ++i) expected.push_back(draws.captured.Next());
  // As a resumed run has it, and in the process itself after more replays.
  Draws resumed(gpu_, true);
  for (Draws* other : {&resumed, &draws.captured}) {
    other->Restore(states);
    for (const torch::Tensor& numbers : expected) EXPECT_TRUE(other->Next().equal(numbers));
  }
  for (int i = 0; i < 5; ++i) resumed.Next();
  ASSERT_TRUE(resumed.captured());
  resumed.Restore(states);
  for (const torch::Tensor& numbers : expected) EXPECT_TRUE(resumed.Next().equal(numbers));
}

TEST_F(RandomNumbersOnAGpu, WhatIsDrawnBetweenReplaysIsNotDrawnAgain) {
  Pair draws(gpu_);
  draws.Seed(5);
  draws.ExpectSame(6);
  const torch::Tensor shape = torch::zeros({kRuns, 10}, gpu_);
  const torch::Tensor between = draws.captured.streams().Normal(shape);
  EXPECT_TRUE(between.equal(draws.eager.streams().Normal(shape)));
  draws.ExpectSame(3);
}

}  // namespace
}  // namespace links
