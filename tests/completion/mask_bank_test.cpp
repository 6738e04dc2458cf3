#include "links/completion/mask_bank.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <map>
#include <set>

#include "links/core/error.h"
#include "links/occlusion/scenario.h"

namespace links {
namespace {

MaskShares Only(double MaskShares::*kind) {
  MaskShares shares{0, 0, 0, 0, 0, 0};
  shares.*kind = 2;
  return shares;
}

std::vector<int> Missing(const torch::Tensor& mask) {
  std::vector<int> missing;
  for (int joint = 0; joint < kJoints; ++joint) {
    if (!mask[joint].item<bool>()) missing.push_back(joint);
  }
  return missing;
}

std::map<std::vector<int>, int> CountPatterns(double MaskShares::*kind, int64_t count) {
  std::map<std::vector<int>, int> counts;
  const torch::Tensor masks = DrawMasks(count, Only(kind), 3);
  for (int64_t row = 0; row < count; ++row) ++counts[Missing(masks[row])];
  return counts;
}

TEST(DrawMasks, ScenariosAreThePapersEightAlike) {
  const auto counts = CountPatterns(&MaskShares::scenarios, 4000);
  ASSERT_EQ(counts.size(), 8u);
  for (const Scenario& scenario : Scenarios())
    EXPECT_NEAR(counts.at(scenario.missing), 500, 100) << scenario.name;
}

TEST(DrawMasks, SinglesAndPairsReachEveryJointTheRootToo) {
  const auto singles = CountPatterns(&MaskShares::single, 1700);
  ASSERT_EQ(singles.size(), 17u);
  for (const auto& [missing, count] : singles) EXPECT_NEAR(count, 100, 50);
  const auto pairs = CountPatterns(&MaskShares::pairs, 4000);
  EXPECT_EQ(pairs.size(), 17u * 16 / 2);
  for (const auto& [missing, count] : pairs) EXPECT_EQ(missing.size(), 2u);
}

TEST(DrawMasks, RandomOnesMissNoneToThree) {
  std::map<size_t, int> sizes;
  for (const auto& [missing, count] : CountPatterns(&MaskShares::random, 4000))
    sizes[missing.size()] += count;
  ASSERT_EQ(sizes.size(), 4u);
  for (const auto& [size, count] : sizes) EXPECT_NEAR(count, 1000, 150) << size;
}

TEST(DrawMasks, DetectorsLoseTheEndsOfLimbs) {
  const std::vector<std::pair<int, int>> inward = {
      {kLElbow, kLWrist}, {kLShoulder, kLElbow}, {kRElbow, kRWrist}, {kRShoulder, kRElbow}, {kLKnee, kLAnkle},
      {kLHip, kLKnee},    {kRKnee, kRAnkle},     {kRHip, kRKnee},    {kHead, kHeadTop}};
  for (const auto& [missing, count] : CountPatterns(&MaskShares::detector, 1000)) {
    const std::set<int> set(missing.begin(), missing.end());
    EXPECT_FALSE(set.empty());
    for (const auto& [inner, outer] : inward) {
      EXPECT_TRUE(!set.contains(inner) || set.contains(outer)) << inner << " without " << outer;
    }
  }
}

TEST(DrawMasks, AlwaysLeaveEnoughAndFollowFromTheSeed) {
  const torch::Tensor masks = DrawMasks(3000, MaskShares{}, 8);
  EXPECT_EQ(masks.sizes(), (torch::IntArrayRef{3000, kJoints}));
  EXPECT_GE(masks.sum(1).min().item<int64_t>(), kFewestSeen);
  EXPECT_LT(masks.sum(1).min().item<int64_t>(), 7) << "scattered gaps go far";
  EXPECT_TRUE(masks.equal(DrawMasks(3000, MaskShares{}, 8)));
  EXPECT_FALSE(masks.equal(DrawMasks(3000, MaskShares{}, 9)));
  EXPECT_THROW(DrawMasks(1, MaskShares{0, 0, 0, 0, 0, 0}, 1), UsageError);
}

}  // namespace
}  // namespace links
