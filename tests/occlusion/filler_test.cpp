#include "links/occlusion/filler.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "links/core/error.h"

namespace links {
namespace {

FillerOptions Tiny(bool standardise = false) {
  return {.width = 8, .blocks = 1, .standardise = standardise};
}

torch::Tensor RandomPoses(int64_t batch, int64_t coordinates) {
  torch::manual_seed(3);
  return torch::randn({batch, kJoints, coordinates});
}

// Every filler, two- and three-dimensional.
template <class Test>
void ForEachFiller(Test&& test) {
  for (const Scenario& scenario : Scenarios()) {
    for (const int64_t coordinates : {2, 3}) {
      SCOPED_TRACE(scenario.name + ", " + std::to_string(coordinates) + "D");
      torch::manual_seed(5);
      Filler filler(scenario, coordinates, Tiny());
      test(filler, scenario, RandomPoses(4, coordinates));
    }
  }
}

TEST(Filler, GivesTheMissingJoints) {
  ForEachFiller([](Filler& filler, const Scenario& scenario, const torch::Tensor& pose) {
    const auto missing = static_cast<int64_t>(scenario.missing.size());
    const std::vector<int64_t> shape = {4, missing, pose.size(2)};
    EXPECT_EQ(filler->forward(pose).sizes(), shape);
    const torch::Tensor wanted = filler->Missing(pose);
    ASSERT_EQ(wanted.sizes(), shape);
    for (int64_t i = 0; i < missing; ++i) {
      EXPECT_TRUE(wanted.select(1, i).equal(pose.select(1, scenario.missing[i])));
    }
  });
}

TEST(Filler, LooksAtTheKnownJointsAlone) {
  ForEachFiller([](Filler& filler, const Scenario& scenario, const torch::Tensor& pose) {
    const torch::Tensor output = filler->forward(pose);
    const std::vector<int> known = scenario.Known();
    for (int joint = 0; joint < kJoints; ++joint) {
      torch::Tensor other = pose.clone();
      other.select(1, joint) += 1;
      const bool is_known = std::count(known.begin(), known.end(), joint) > 0;
      EXPECT_EQ(filler->forward(other).equal(output), !is_known) << "joint " << joint;
    }
  });
}

TEST(Filler, CompleteKeepsKnownJointsBitForBitAndPutsTheOthersInPlace) {
  ForEachFiller([](Filler& filler, const Scenario& scenario, const torch::Tensor& pose) {
    const torch::Tensor whole = filler->Complete(pose), filled = filler->forward(pose);
    ASSERT_EQ(whole.sizes(), pose.sizes());
    EXPECT_TRUE(whole.select(1, kRoot).equal(pose.select(1, kRoot)));
    for (int joint : scenario.Known()) EXPECT_TRUE(whole.select(1, joint).equal(pose.select(1, joint)));
    for (size_t i = 0; i < scenario.missing.size(); ++i) {
      EXPECT_TRUE(whole.select(1, scenario.missing[i]).equal(filled.select(1, static_cast<int64_t>(i))));
    }
  });
}

TEST(Filler, RejectsAPoseOfOtherDimensions) {
  Filler filler(Scenarios()[0], 3, Tiny());
  EXPECT_THROW(filler->forward(RandomPoses(4, 2)), Error);
  EXPECT_THROW(filler->forward(RandomPoses(4, 3).narrow(1, 0, 16)), Error);
}

// The same network behind another standardisation: as `Tiny(true)` fitted to `poses`.
Filler Fitted(const torch::Tensor& poses, bool standardise = true) {
  torch::manual_seed(5);
  Filler filler(Scenarios()[0], 3, Tiny(standardise));
  filler->FitStandardisation(poses);
  return filler;
}

TEST(Filler, StandardisedDoesNotCareForUnitsAndOrigin) {
  const torch::Tensor poses = RandomPoses(50, 3), moved = 250 * poses + 40;
  const torch::Tensor expected = 250 * Fitted(poses)->forward(poses) + 40;
  EXPECT_TRUE(Fitted(moved)->forward(moved).allclose(expected, 1e-4, 1e-2));
}

TEST(Filler, StandardisedStartsFromTheMeanOfTheMissingJoints) {
  const torch::Tensor poses = RandomPoses(50, 3) + 3;
  Filler filler = Fitted(poses);
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : filler->parameters()) parameter.zero_();
  const torch::Tensor mean = filler->Missing(poses).mean(0);
  EXPECT_TRUE(filler->forward(poses)[7].allclose(mean, 1e-5, 1e-5));
}

TEST(Filler, FitsNothingUnlessItsOptionsSaySo) {
  const torch::Tensor poses = RandomPoses(50, 3) + 3;
  torch::manual_seed(5);
  Filler unfitted(Scenarios()[0], 3, Tiny());
  EXPECT_TRUE(Fitted(poses, /*standardise=*/false)->forward(poses).equal(unfitted->forward(poses)));
}

TEST(Fillers, HoldAnO3dAndAnO2dForEachScenario) {
  Fillers fillers(Tiny());
  for (const Scenario& scenario : Scenarios()) {
    const auto missing = static_cast<int64_t>(scenario.missing.size());
    EXPECT_EQ(fillers->o3d(scenario)->forward(RandomPoses(2, 3)).sizes(),
              (std::vector<int64_t>{2, missing, 3}));
    EXPECT_EQ(fillers->o2d(scenario)->forward(RandomPoses(2, 2)).sizes(),
              (std::vector<int64_t>{2, missing, 2}));
  }
}

TEST(Fillers, HaveTheMethodsSizesByDefault) {
  // Linear(39, 1024), 3 blocks of two Linear(1024, 1024), Linear(1024, 9).
  Filler filler(Scenarios()[0], 3, FillerOptions());
  int64_t count = 0;
  for (const torch::Tensor& parameter : filler->parameters()) count += parameter.numel();
  EXPECT_EQ(count, (39 * 1024 + 1024) + 3 * 2 * (1024 * 1024 + 1024) + (1024 * 9 + 9));
}

}  // namespace
}  // namespace links
