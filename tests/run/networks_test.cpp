#include "links/run/networks.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <set>

#include "support/tiny_networks.h"
#include "support/tiny_run.h"

namespace links {
namespace {

std::vector<torch::Tensor> Parameters(const RunConfig& config) {
  Networks networks(config, torch::kCPU);
  std::vector<torch::Tensor> all = networks.flows->parameters();
  for (const auto& more : {networks.lifters->parameters(), networks.fillers->parameters()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

bool Same(const RunConfig& a, const RunConfig& b) {
  const auto in_a = Parameters(a), in_b = Parameters(b);
  return std::equal(in_a.begin(), in_a.end(), in_b.begin(), in_b.end(),
                    [](const torch::Tensor& x, const torch::Tensor& y) { return x.equal(y); });
}

TEST(Networks, FollowFromTheSeed) {
  RunConfig config = test::TinyConfig(), other = config;
  EXPECT_TRUE(Same(config, other));
  other.seed = 2;
  EXPECT_FALSE(Same(config, other));
}

TEST(Networks, DoNotDependOnTheGeneratorsPast) {
  torch::manual_seed(1);
  const auto first = Parameters(test::TinyConfig());
  torch::manual_seed(2);
  const auto second = Parameters(test::TinyConfig());
  for (size_t i = 0; i < first.size(); ++i) EXPECT_TRUE(first[i].equal(second[i]));
}

TEST(Networks, HaveTheLiftersOfTheGroups) {
  RunConfig config = test::TinyConfig();
  config.lifters.groups = {"legs_torso"};
  EXPECT_EQ(Networks(config, torch::kCPU).lifters->segments(),
            (std::vector<Segment>{Segment::kLegs, Segment::kTorso}));
  config.lifters.groups = {"legs_torso", "left_right", "full"};
  EXPECT_EQ(Networks(config, torch::kCPU).lifters->segments().size(), 5u);
}

TEST(DeriveSeed, DiffersForEveryUse) {
  std::set<uint64_t> seeds;
  for (int64_t seed = 0; seed < 20; ++seed)
    for (const char* use : {"flows", "lifters", "fillers", ""})
      for (int64_t number = 0; number < 20; ++number) seeds.insert(DeriveSeed(seed, use, number));
  EXPECT_EQ(seeds.size(), 20u * 4 * 20);
  EXPECT_EQ(DeriveSeed(1, "flows", 2), DeriveSeed(1, "flows", 2));
}

TEST(Networks, Bfloat16ReachesTheLiftersAndNoLikelihood) {
  RunConfig config = test::TinyConfig();
  Networks exact(config, torch::kCPU);
  config.precision = Precision::kBf16;
  Networks rounded(config, torch::kCPU);
  const torch::Tensor poses = test::RandomKeypoints(20);
  EXPECT_TRUE(torch::equal(exact.flows->NegativeLogLikelihood({Segment::kFull}, poses),
                           rounded.flows->NegativeLogLikelihood({Segment::kFull}, poses)));
  const torch::Tensor a = exact.lifters->Depths(poses), b = rounded.lifters->Depths(poses);
  EXPECT_FALSE(torch::equal(a, b));
  EXPECT_LT((a - b).abs().max().item<float>(), 0.02 * a.abs().max().item<float>());
}

}  // namespace
}  // namespace links
