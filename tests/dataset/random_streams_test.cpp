#include "links/dataset/random_streams.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "links/core/error.h"

namespace links {
namespace {

// What a run draws by itself, from the default generator.
template <class Draw>
torch::Tensor Alone(uint64_t seed, Draw&& draw) {
  torch::manual_seed(seed);
  return draw(RandomStreams());
}

TEST(RandomStreams, EachRunSeesTheNumbersThatItWouldSeeAlone) {
  const std::vector<uint64_t> seeds = {7, 3, 7};
  RandomStreams streams(3, torch::kCPU);
  for (const int64_t dim : {0, 1}) {
    const torch::Tensor of_run = torch::zeros({4, 20}), of_all = torch::stack({of_run, of_run, of_run}, dim);
    for (size_t run = 0; run < 3; ++run) streams.Seed(static_cast<int64_t>(run), seeds[run]);
    const std::vector<torch::Tensor> together = {streams.Normal(of_all, dim), streams.Uniform(of_all, dim),
                                                 streams.Below(1000, of_all, dim)};
    for (int64_t run = 0; run < 3; ++run) {
      torch::manual_seed(seeds[static_cast<size_t>(run)]);
      const RandomStreams own;
      const std::vector<torch::Tensor> alone = {own.Normal(of_run), own.Uniform(of_run),
                                                own.Below(1000, of_run)};
      for (size_t i = 0; i < alone.size(); ++i)
        EXPECT_TRUE(together[i].select(dim, run).equal(alone[i])) << run << ' ' << i;
    }
  }
  const torch::Tensor one = Alone(7, [](const RandomStreams& own) { return own.Permutations(50); });
  for (size_t run = 0; run < 3; ++run) streams.Seed(static_cast<int64_t>(run), seeds[run]);
  const torch::Tensor orders = streams.Permutations(50);
  EXPECT_TRUE(orders[0].equal(one[0]));
  EXPECT_TRUE(orders[2].equal(one[0]));
  EXPECT_FALSE(orders[1].equal(one[0]));
}

TEST(RandomStreams, OfTheDefaultGeneratorAreTorchsOwn) {
  torch::manual_seed(5);
  const torch::Tensor normal = torch::randn({40, 2}), uniform = torch::rand({40, 2}),
                      order = torch::randperm(30, torch::TensorOptions(torch::kInt64));
  torch::manual_seed(5);
  const RandomStreams streams;
  EXPECT_EQ(streams.runs(), 1);
  EXPECT_TRUE(streams.Normal(normal).equal(normal));
  EXPECT_TRUE(streams.Uniform(normal).equal(uniform));
  EXPECT_TRUE(streams.Permutations(30)[0].equal(order));
}

TEST(RandomStreams, RefuseAShapeForAnotherNumberOfRuns) {
  EXPECT_THROW(RandomStreams(3, torch::kCPU).Normal(torch::zeros({2, 5})), Error);
}

TEST(RandomStreams, BelowStaysBelow) {
  const torch::Tensor drawn = RandomStreams().Below(4, torch::zeros({1000}));
  EXPECT_EQ(drawn.min().item<int64_t>(), 0);
  EXPECT_EQ(drawn.max().item<int64_t>(), 3);
}

}  // namespace
}  // namespace links
