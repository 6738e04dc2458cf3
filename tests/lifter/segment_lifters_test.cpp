#include "links/lifter/segment_lifters.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "lifter/plain_lifter.h"
#include "support/copy_members.h"
#include "support/difference.h"
#include "support/to_double.h"
#include "support/train.h"

namespace links {
namespace {

using namespace test;

// Three lifters of different joints.
const std::vector<std::vector<int>> kJointSets = {{1, 2, 3, 4, 5, 6}, {7, 8, 11}, {0, 3, 9, 16}};

torch::Tensor Joints(const std::vector<std::vector<int>>& of_each) {
  torch::Tensor joints = torch::zeros({static_cast<int64_t>(of_each.size()), 17}, torch::kBool);
  for (size_t n = 0; n < of_each.size(); ++n)
    for (int joint : of_each[n]) joints[static_cast<int64_t>(n)][joint] = true;
  return joints;
}

SegmentLifters Seeded(const LifterOptions& options) {
  torch::manual_seed(1);
  SegmentLifters lifters(Joints(kJointSets), options);
  ToDouble(*lifters);
  return lifters;
}

torch::Tensor RandomPoses(int64_t count = 9) {
  return torch::randn({count, 17, 2}, torch::kFloat64);
}

PlainLifter Plain(SegmentLifters& lifters, int64_t n, int blocks) {
  return {*lifters, n, kJointSets[static_cast<size_t>(n)], blocks};
}

// The depths of each lifter's joints in their order.
torch::Tensor OwnDepths(const torch::Tensor& depths, int64_t n) {
  return Take(depths[n], 1, ColumnsOf(kJointSets[static_cast<size_t>(n)], 1));
}

TEST(SegmentLifters, AgreeWithPlainProducts) {
  for (int blocks : {1, 3}) {
    SegmentLifters lifters = Seeded({16, blocks});
    const torch::Tensor poses = RandomPoses(), shared = lifters->Trunk(poses, 0, 3);
    ASSERT_EQ(shared.sizes(), torch::IntArrayRef({3, 9, 16}));
    const torch::Tensor depths = lifters->DepthOffset(shared, 0), elevation = lifters->Elevation(shared, 0);
    ASSERT_EQ(depths.sizes(), torch::IntArrayRef({3, 9, 17}));
    ASSERT_EQ(elevation.sizes(), torch::IntArrayRef({3, 9}));
    for (int64_t n = 0; n < 3; ++n) {
      const PlainLifter plain = Plain(lifters, n, blocks);
      EXPECT_LT(Difference(OwnDepths(depths, n), plain.DepthOffset(poses)), 1e-13) << n;
      EXPECT_LT(Difference(elevation[n], plain.Elevation(poses)), 1e-13) << n;
      const torch::Tensor others = depths[n] * Joints(kJointSets)[n].logical_not();
      EXPECT_EQ(others.abs().max().item<double>(), 0) << "other joints have no depth";
    }
  }
}

TEST(SegmentLifters, SomeOfThemAnswerAsAllDo) {
  SegmentLifters lifters = Seeded({16, 2});
  const torch::Tensor poses = RandomPoses(3 * 5).view({3, 5, 17, 2});
  const torch::Tensor shared = lifters->Trunk(poses, 0, 3), depths = lifters->DepthOffset(shared, 0);
  for (int64_t n = 0; n < 3; ++n) {
    EXPECT_LT(Difference(OwnDepths(depths, n), Plain(lifters, n, 2).DepthOffset(poses[n])), 1e-13)
        << "a pose for each";
    for (int64_t count = 1; n + count <= 3; ++count) {
      const torch::Tensor some = lifters->Trunk(poses.narrow(0, n, count), n, count);
      EXPECT_LT(Difference(some, shared.narrow(0, n, count)), 1e-13);
      EXPECT_LT(Difference(lifters->DepthOffset(some, n), depths.narrow(0, n, count)), 1e-13);
      EXPECT_LT(Difference(lifters->Elevation(some, n), lifters->Elevation(shared, 0).narrow(0, n, count)),
                1e-13);
    }
  }
}

TEST(SegmentLifters, HaveTheLayersOfThePaper) {
  SegmentLifters lifters(Joints({{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}), LifterOptions{});
  int64_t weights = 0;
  for (const torch::Tensor& parameter : lifters->parameters())
    weights += parameter.ne(0).sum().item<int64_t>();
  const int64_t square = 1024 * 1024 + 1024;  // seven residual blocks of two square layers
  const int64_t expected = (20 * 1024 + 1024) + 7 * 2 * square + (1024 * 10 + 10) + (1024 + 1);
  EXPECT_LE(weights, expected);
  EXPECT_GT(weights, expected - 20) << "a few may be drawn 0";
}

TEST(SegmentLifters, HeadGainScalesTheLastLayersAndClearsTheirBiases) {
  SegmentLifters paper = Seeded({16, 2, 1.0}), small = Seeded({16, 2, 0.1});
  for (const auto& parameter : paper->named_parameters()) {
    const torch::Tensor other = small->named_parameters()[parameter.key()];
    const bool head =
        parameter.key().starts_with("depth.head.") || parameter.key().starts_with("elevation.head.");
    if (!head) {
      EXPECT_TRUE(torch::equal(other, parameter.value())) << parameter.key();
    } else if (parameter.key().ends_with("weight")) {
      EXPECT_LT(Difference(other, 0.1 * parameter.value()), 1e-8) << parameter.key();
    } else {
      EXPECT_EQ(other.abs().max().item<double>(), 0) << parameter.key();
      EXPECT_GT(parameter.value().abs().max().item<double>(), 0) << parameter.key();
    }
  }
}

TEST(SegmentLifters, HeadGainZeroStartsFlat) {
  SegmentLifters lifters = Seeded({16, 2, 0.0});
  const torch::Tensor shared = lifters->Trunk(RandomPoses(), 0, 3);
  EXPECT_EQ(lifters->DepthOffset(shared, 0).abs().max().item<double>(), 0);
  EXPECT_EQ(lifters->Elevation(shared, 0).abs().max().item<double>(), 0);
}

TEST(SegmentLifters, StandardiseOnlyWhenAskedTo) {
  const torch::Tensor poses = RandomPoses(), samples = 3 + 0.1 * RandomPoses(400);
  const torch::Tensor standardised = (poses - samples.mean(0)) / samples.std(0, /*unbiased=*/false);
  for (bool standardise : {false, true}) {
    SegmentLifters lifters = Seeded({16, 2, 1.0, standardise});
    lifters->FitStandardisation(samples);
    const torch::Tensor& seen = standardise ? standardised : poses;
    const torch::Tensor depths = lifters->DepthOffset(lifters->Trunk(poses, 0, 3), 0);
    for (int64_t n = 0; n < 3; ++n)
      EXPECT_LT(Difference(OwnDepths(depths, n), Plain(lifters, n, 2).DepthOffset(seen)), 1e-10) << n;
  }
}

torch::Tensor Loss(SegmentLifters& lifters, const torch::Tensor& poses, int64_t count = 3) {
  const torch::Tensor shared = lifters->Trunk(poses, 0, count);
  return lifters->DepthOffset(shared, 0).square().sum() + lifters->Elevation(shared, 0).sin().sum();
}

TEST(SegmentLifters, GradientsReachEveryParameterOfEachAndAreRight) {
  SegmentLifters lifters = Seeded({16, 2});
  const torch::Tensor poses = RandomPoses();
  Loss(lifters, poses).backward();
  const torch::NoGradGuard no_grad;
  for (const auto& parameter : lifters->named_parameters()) {
    for (int64_t n = 0; n < 3; ++n) {
      const torch::Tensor entries = parameter.value()[n].view({-1}),
                          gradient = parameter.value().grad()[n].view({-1});
      const int64_t entry = gradient.abs().argmax().item<int64_t>();
      const double start = entries[entry].item<double>();
      const auto value = [&](double entry_value) {
        entries[entry] = entry_value;
        return Loss(lifters, poses).item<double>();
      };
      const double expected = (value(start + 1e-6) - value(start - 1e-6)) / 2e-6;
      entries[entry] = start;
      EXPECT_NE(expected, 0) << parameter.key() << " " << n;
      EXPECT_NEAR(gradient[entry].item<double>(), expected, 1e-7 + 1e-5 * std::abs(expected))
          << parameter.key() << " " << n;
    }
  }
}

TEST(SegmentLifters, TrainedSideBySideAreTrainedApartAndThePaddingStays0) {
  SegmentLifters lifters = Seeded({8, 1});
  const torch::Tensor poses = RandomPoses();
  std::vector<SegmentLifters> apart;
  for (int64_t n = 0; n < 3; ++n) {
    apart.emplace_back(Joints({kJointSets[static_cast<size_t>(n)]}), LifterOptions{8, 1});
    ToDouble(*apart.back());
    CopyMembers(*lifters, {n}, *apart.back());
  }
  std::map<std::string, torch::Tensor> used;
  for (const auto& parameter : lifters->named_parameters()) used[parameter.key()] = parameter.value().ne(0);
  EXPECT_EQ(used["entry.weight"].sum().item<int64_t>(), 8 * 2 * (6 + 3 + 4));
  EXPECT_EQ(used["depth.head.weight"].sum().item<int64_t>(), 8 * (6 + 3 + 4));
  EXPECT_EQ(used["depth.head.bias"].sum().item<int64_t>(), 6 + 3 + 4);
  Train(*lifters, 5, [&] { return Loss(lifters, poses); });
  for (int64_t n = 0; n < 3; ++n) {
    SegmentLifters& own = apart[static_cast<size_t>(n)];
    Train(*own, 5, [&] { return Loss(own, poses, 1); });
    for (const auto& parameter : own->named_parameters()) {
      const torch::Tensor together = lifters->named_parameters()[parameter.key()];
      EXPECT_LT(Difference(together.narrow(0, n, 1), parameter.value()), 1e-7) << n << " " << parameter.key();
    }
  }
  for (const auto& parameter : lifters->named_parameters())
    EXPECT_TRUE(parameter.value().ne(0).equal(used[parameter.key()])) << parameter.key();
}

}  // namespace
}  // namespace links
