#include "links/dataset/batcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <map>
#include <set>

#include "links/core/error.h"

namespace links {
namespace {

// Pose i holds the number i everywhere.
torch::Tensor NumberedPoses(int64_t count) {
  return torch::arange(count, torch::kFloat32).view({count, 1, 1}).expand({count, 17, 2}).contiguous();
}

// The pose numbers of an epoch in order, from a step on.
std::vector<int> Epoch(Batcher& batcher, int64_t batch_size, int64_t first_step = 0) {
  batcher.Shuffle({}, first_step);
  std::vector<int> numbers;
  for (int64_t step = first_step; step < batcher.steps_per_epoch(); ++step) {
    batcher.Prepare();
    const torch::Tensor batch = batcher.Next();
    EXPECT_EQ(batch.sizes(), torch::IntArrayRef({batch_size, 17, 2}));
    for (int64_t i = 0; i < batch_size; ++i) {
      const torch::Tensor pose = batch[i];
      EXPECT_EQ(pose.min().item<float>(), pose.max().item<float>());  // whole poses are gathered
      numbers.push_back(pose[0][0].item<int>());
    }
  }
  return numbers;
}

TEST(Batcher, AnEpochHasFullBatchesAndEveryPoseAtMostOnce) {
  torch::manual_seed(1);
  Batcher batcher(NumberedPoses(53), 10, torch::kCPU);
  EXPECT_EQ(batcher.steps_per_epoch(), 5);
  const std::vector<int> epoch = Epoch(batcher, 10);
  EXPECT_EQ(epoch.size(), 50u);
  EXPECT_EQ(std::set<int>(epoch.begin(), epoch.end()).size(), 50u);
}

TEST(Batcher, EveryEpochHasAnotherOrderAndLeavesOutOthers) {
  torch::manual_seed(2);
  Batcher batcher(NumberedPoses(53), 10, torch::kCPU);
  std::set<std::vector<int>> orders;
  std::set<int> seen;
  for (int i = 0; i < 10; ++i) {
    const std::vector<int> epoch = Epoch(batcher, 10);
    orders.insert(epoch);
    seen.insert(epoch.begin(), epoch.end());
  }
  EXPECT_EQ(orders.size(), 10u);
  EXPECT_EQ(seen.size(), 53u);
}

TEST(Batcher, TheSeedFixesTheOrder) {
  Batcher batcher(NumberedPoses(40), 8, torch::kCPU);
  torch::manual_seed(3);
  const std::vector<int> first = Epoch(batcher, 8);
  torch::manual_seed(3);
  EXPECT_EQ(Epoch(batcher, 8), first);
  torch::manual_seed(4);
  EXPECT_NE(Epoch(batcher, 8), first);
}

// The processor under another name than the rows': they are staged as for an accelerator.
const torch::Device kElsewhere(torch::kCPU, 0);

TEST(Batcher, StagedRowsComeInTheSameOrderWhateverTheWindow) {
  Batcher plain(NumberedPoses(53), 5, torch::kCPU);
  EXPECT_FALSE(plain.staged());
  for (int64_t window : {1, 2, 3, 10, 256}) {
    Batcher staged(NumberedPoses(53), 5, kElsewhere, 1, window);
    ASSERT_TRUE(staged.staged());
    for (int epoch : {1, 2, 3}) {
      torch::manual_seed(epoch);
      const std::vector<int> expected = Epoch(plain, 5);
      torch::manual_seed(epoch);
      EXPECT_EQ(Epoch(staged, 5), expected) << "window " << window << ", epoch " << epoch;
    }
  }
}

TEST(Batcher, AnEpochMayStartAtAnyStepAndEndEarly) {
  Batcher plain(NumberedPoses(53), 5, torch::kCPU), staged(NumberedPoses(53), 5, kElsewhere, 1, 3);
  torch::manual_seed(5);
  const std::vector<int> whole = Epoch(plain, 5);
  for (int64_t step = 0; step <= 10; ++step) {
    const std::vector<int> rest(whole.begin() + 5 * step, whole.end());
    for (Batcher* batcher : {&plain, &staged}) {
      torch::manual_seed(5);
      EXPECT_EQ(Epoch(*batcher, 5, step), rest) << step;
      batcher->Shuffle();  // and leaves an epoch after a few steps
      for (int64_t i = 0; i < step; ++i) batcher->Prepare(), batcher->Next();
    }
  }
}

TEST(Batcher, EachRunHasTheOrderThatItWouldHaveAlone) {
  const std::vector<uint64_t> seeds = {4, 9, 5};
  RandomStreams streams(3, torch::kCPU);
  for (const torch::Device device : {torch::Device(torch::kCPU), kElsewhere}) {
    Batcher batcher(NumberedPoses(53), 5, device, 3, /*window=*/4);
    for (size_t run = 0; run < 3; ++run) streams.Seed(static_cast<int64_t>(run), seeds[run]);
    batcher.Shuffle(streams, /*step=*/2);
    std::vector<std::vector<int>> numbers(3);
    for (int64_t step = 2; step < batcher.steps_per_epoch(); ++step) {
      batcher.Prepare();
      const torch::Tensor batch = batcher.Next();
      ASSERT_EQ(batch.sizes(), torch::IntArrayRef({3, 5, 17, 2}));
      for (int64_t run = 0; run < 3; ++run)
        for (int64_t i = 0; i < 5; ++i)
          numbers[static_cast<size_t>(run)].push_back(batch[run][i][0][0].item<int>());
    }
    for (size_t run = 0; run < 3; ++run) {
      Batcher alone(NumberedPoses(53), 5, torch::kCPU);
      torch::manual_seed(seeds[run]);
      EXPECT_EQ(numbers[run], Epoch(alone, 5, 2)) << "run " << run;
    }
  }
}

// The pose numbers that each of two pools gives in an epoch, and of one run of them.
std::vector<std::vector<int>> PooledEpoch(Batcher& batcher, int64_t run, int64_t runs) {
  std::vector<std::vector<int>> numbers(2);
  for (int64_t step = 0; step < batcher.steps_per_epoch(); ++step) {
    batcher.Prepare();
    torch::Tensor batch = batcher.Next();
    EXPECT_EQ(batch.dim(), runs > 1 ? 5 : 4);
    if (runs > 1) batch = batch.select(1, run);
    EXPECT_EQ(batch.size(0), 2);
    for (int64_t pool : {0, 1})
      for (int64_t i = 0; i < batch.size(1); ++i)
        numbers[static_cast<size_t>(pool)].push_back(batch[pool][i][3][1].item<int>());
  }
  return numbers;
}

std::vector<torch::Tensor> TwoPools() {
  return {torch::arange(10, 13, torch::kInt64), torch::arange(20, 53, torch::kInt64)};
}

TEST(Batcher, EachPoolGivesItsOwnRowsTheLargestOnceAndOthersOverAndOver) {
  for (const torch::Device device : {torch::Device(torch::kCPU), torch::Device(torch::kCPU, 0)}) {
    torch::manual_seed(6);
    Batcher batcher(NumberedPoses(53), 4, device, 1, /*window=*/3, TwoPools());
    EXPECT_EQ(batcher.steps_per_epoch(), 8);
    std::set<std::vector<int>> orders;
    for (int epoch = 0; epoch < 3; ++epoch) {
      batcher.Shuffle();
      const auto numbers = PooledEpoch(batcher, 0, 1);
      ASSERT_EQ(numbers[0].size(), 32u);
      orders.insert(numbers[0]);
      std::map<int, int> small, large;
      for (const int number : numbers[0]) ++small[number];
      for (const int number : numbers[1]) ++large[number];
      EXPECT_EQ(small.size(), 3u);
      for (const auto& [number, times] : small) {
        EXPECT_TRUE(number >= 10 && number < 13) << number;
        EXPECT_TRUE(times == 10 || times == 11) << times;  // 32 draws of three
      }
      EXPECT_EQ(large.size(), 32u) << "each once, one of the 33 is left out";
      EXPECT_TRUE(large.begin()->first >= 20 && large.rbegin()->first < 53);
    }
    EXPECT_EQ(orders.size(), 3u);
  }
}

TEST(Batcher, PoolsOfEachRunAreDrawnAsTheyWouldBeAlone) {
  const std::vector<uint64_t> seeds = {4, 9, 5};
  RandomStreams streams(3, torch::kCPU);
  for (const torch::Device device : {torch::Device(torch::kCPU), torch::Device(torch::kCPU, 0)}) {
    for (int64_t run = 0; run < 3; ++run) {
      Batcher together(NumberedPoses(53), 4, device, 3, /*window=*/3, TwoPools());
      for (size_t each = 0; each < 3; ++each) streams.Seed(static_cast<int64_t>(each), seeds[each]);
      together.Shuffle(streams);
      Batcher alone(NumberedPoses(53), 4, torch::kCPU, 1, 256, TwoPools());
      torch::manual_seed(seeds[static_cast<size_t>(run)]);
      alone.Shuffle();
      EXPECT_EQ(PooledEpoch(together, run, 3), PooledEpoch(alone, 0, 1)) << run;
    }
  }
}

TEST(Batcher, RefusesAPoolWithoutRowsAndPoolsThatAreAllTooSmall) {
  const auto pools = [](int64_t one, int64_t two) {
    return std::vector{torch::arange(one, torch::kInt64), torch::arange(two, torch::kInt64)};
  };
  EXPECT_THROW(Batcher(NumberedPoses(30), 4, torch::kCPU, 1, 256, pools(0, 30)), Error);
  EXPECT_THROW(Batcher(NumberedPoses(30), 4, torch::kCPU, 1, 256, pools(3, 2)), Error);
  EXPECT_EQ(Batcher(NumberedPoses(30), 4, torch::kCPU, 1, 256, pools(1, 4)).steps_per_epoch(), 1);
}

TEST(Batcher, RefusesLessThanOneBatch) {
  EXPECT_EQ(Batcher(NumberedPoses(10), 10, torch::kCPU).steps_per_epoch(), 1);
  EXPECT_THAT([] { Batcher(NumberedPoses(9), 10, torch::kCPU); },
              testing::ThrowsMessage<Error>("expected at least one batch of 10 poses to train on, found 9"));
}

}  // namespace
}  // namespace links
