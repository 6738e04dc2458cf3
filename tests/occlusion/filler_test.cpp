#include "links/occlusion/filler.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <limits>
#include <map>

#include "links/core/error.h"
#include "network/plain_network.h"
#include "support/difference.h"
#include "support/to_double.h"
#include "support/train.h"

namespace links {
namespace {

using namespace test;

const auto kScenarios = static_cast<int64_t>(Scenarios().size());

FillerOptions Tiny(bool standardise = false) {
  return {.width = 8, .blocks = 1, .standardise = standardise};
}

ScenarioFillers Seeded(int64_t coordinates, bool standardise = false) {
  torch::manual_seed(5);
  return ScenarioFillers(coordinates, Tiny(standardise));
}

torch::Tensor RandomPoses(int64_t batch, int64_t coordinates) {
  torch::manual_seed(3);
  return torch::randn({batch, kJoints, coordinates});
}

// Every filler by its place, two- and three-dimensional.
template <class Test>
void ForEachFiller(Test&& test) {
  for (const int64_t coordinates : {2, 3}) {
    ScenarioFillers fillers = Seeded(coordinates);
    for (size_t i = 0; i < Scenarios().size(); ++i) {
      const Scenario& scenario = Scenarios()[i];
      SCOPED_TRACE(scenario.name + ", " + std::to_string(coordinates) + "D");
      test(fillers, static_cast<int64_t>(i), scenario, RandomPoses(4, coordinates));
    }
  }
}

// What network n says of its missing joints, (B, missing, K), in plain products.
torch::Tensor PlainFill(ScenarioFillers& fillers, int64_t n, const torch::Tensor& poses) {
  const Scenario& scenario = Scenarios()[static_cast<size_t>(n)];
  const int64_t coordinates = poses.size(2);
  const Columns known = ColumnsOf(scenario.Known(), coordinates),
                missing = ColumnsOf(scenario.missing, coordinates);
  const auto network = fillers->named_children()["network"];
  return PlainNetwork(*network, n)
      .Network(Take(poses.flatten(1), 1, known), 1, known, missing)
      .unflatten(1, {-1, coordinates});
}

// The joints of (B, 17, K).
torch::Tensor JointsOf(const torch::Tensor& poses, const std::vector<int>& joints) {
  return Take(poses, 1, ColumnsOf(joints, 1));
}

TEST(ScenarioFillers, GiveTheMissingJointsAsPlainProductsDo) {
  ForEachFiller([](ScenarioFillers& fillers, int64_t n, const Scenario& scenario, const torch::Tensor& pose) {
    const torch::Tensor output = fillers->forward(pose);
    ASSERT_EQ(output.sizes(), (std::vector<int64_t>{kScenarios, 4, kJoints, pose.size(2)}));
    EXPECT_LT(Difference(JointsOf(output[n], scenario.missing), PlainFill(fillers, n, pose)), 1e-5);
  });
}

TEST(ScenarioFillers, EachIsTheNetworkOfItsSizeByItself) {
  ForEachFiller([](ScenarioFillers& fillers, int64_t n, const Scenario& scenario, const torch::Tensor& pose) {
    const int64_t coordinates = pose.size(2);
    const Columns known = ColumnsOf(scenario.Known(), coordinates),
                  missing = ColumnsOf(scenario.missing, coordinates);
    ResidualNetwork own(AllFeatures(1, static_cast<int64_t>(known.size())), 8, 1,
                        AllFeatures(1, static_cast<int64_t>(missing.size())));
    const auto stack = fillers->named_parameters();
    {
      const torch::NoGradGuard no_grad;
      for (const auto& item : own->named_parameters()) {
        torch::Tensor from = stack["network." + item.key()][n], to = item.value()[0];
        if (item.key() == "entry.weight") from = Take(from, 1, known);
        if (item.key() == "branch.head.weight") from = Take(from, 0, missing);
        if (item.key() == "branch.head.bias") from = Take(from, 1, missing);
        to.copy_(from);
      }
    }
    const torch::Tensor answer = own(Take(pose.flatten(1), 1, known).unsqueeze(0))[0];
    EXPECT_LT(Difference(JointsOf(fillers->forward(pose)[n], scenario.missing),
                         answer.unflatten(1, {-1, coordinates})),
              1e-5);
  });
}

TEST(ScenarioFillers, KnowWhichJointsAreMissing) {
  ForEachFiller([](ScenarioFillers& fillers, int64_t n, const Scenario& scenario, const torch::Tensor&) {
    ASSERT_EQ(fillers->missing().sizes(), torch::IntArrayRef({kScenarios, 1, 17, 1}));
    for (int joint = 0; joint < kJoints; ++joint) {
      EXPECT_EQ(fillers->missing()[n][0][joint].item<bool>(),
                std::count(scenario.missing.begin(), scenario.missing.end(), joint) > 0);
    }
  });
}

TEST(ScenarioFillers, LookAtTheKnownJointsAlone) {
  ForEachFiller([](ScenarioFillers& fillers, int64_t n, const Scenario& scenario, const torch::Tensor& pose) {
    const auto output = [&](const torch::Tensor& of) {
      return JointsOf(fillers->forward(of)[n], scenario.missing);
    };
    const torch::Tensor before = output(pose);
    const std::vector<int> known = scenario.Known();
    for (int joint = 0; joint < kJoints; ++joint) {
      torch::Tensor other = pose.clone();
      other.select(1, joint) += 1;
      const bool is_known = std::count(known.begin(), known.end(), joint) > 0;
      EXPECT_EQ(output(other).equal(before), !is_known) << "joint " << joint;
      other.select(1, joint).fill_(std::numeric_limits<float>::quiet_NaN());
      EXPECT_EQ(output(other).equal(before), !is_known) << "joint " << joint << ", not a number";
    }
  });
}

TEST(ScenarioFillers, EachMayHavePosesOfItsOwn) {
  for (const int64_t coordinates : {2, 3}) {
    ScenarioFillers fillers = Seeded(coordinates);
    const torch::Tensor poses = RandomPoses(kScenarios * 3, coordinates).unflatten(0, {kScenarios, 3}),
                        output = fillers->forward(poses);
    for (int64_t n = 0; n < kScenarios; ++n)
      EXPECT_LT(Difference(output[n], fillers->forward(poses[n])[n]), 1e-6) << n;
  }
}

TEST(ScenarioFillers, CompleteKeepsKnownJointsBitForBitAndPutsTheOthersInPlace) {
  ForEachFiller([](ScenarioFillers& fillers, int64_t n, const Scenario& scenario, const torch::Tensor& pose) {
    const torch::Tensor whole = fillers->Complete(Scenarios()[n], pose), filled = fillers->forward(pose)[n];
    ASSERT_EQ(whole.sizes(), pose.sizes());
    EXPECT_TRUE(whole.select(1, kRoot).equal(pose.select(1, kRoot)));
    for (int joint : scenario.Known()) EXPECT_TRUE(whole.select(1, joint).equal(pose.select(1, joint)));
    for (int joint : scenario.missing)
      EXPECT_LT(Difference(whole.select(1, joint), filled.select(1, joint)), 1e-6);
  });
}

TEST(ScenarioFillers, RejectAPoseOfOtherDimensions) {
  ScenarioFillers fillers = Seeded(3);
  EXPECT_THROW(fillers->forward(RandomPoses(4, 2)), Error);
  EXPECT_THROW(fillers->forward(RandomPoses(4, 3).narrow(1, 0, 16)), Error);
}

TEST(ScenarioFillers, TrainedOneAloneItIsTrainedAsAmongTheOthersAndThePaddingStays0) {
  const torch::Tensor poses = RandomPoses(6, 3).to(torch::kFloat64);
  const auto make = [] {
    ScenarioFillers fillers = Seeded(3);
    ToDouble(*fillers);
    return fillers;
  };
  ScenarioFillers together = make();
  const auto error = [&](ScenarioFillers& fillers) {
    return ((fillers->forward(poses) - poses).square() * fillers->missing()).sum({1, 2, 3});
  };
  std::map<std::string, torch::Tensor> used;
  for (const auto& item : together->named_parameters()) used[item.key()] = item.value().ne(0);
  Train(*together, 5, [&] { return error(together).sum(); });
  for (const auto& item : together->named_parameters())
    EXPECT_TRUE(item.value().ne(0).equal(used[item.key()])) << item.key();
  for (const int64_t n : {0, 7}) {
    ScenarioFillers alone = make();
    Train(*alone, 5, [&] { return error(alone)[n]; });
    for (const auto& item : alone->named_parameters()) {
      EXPECT_LT(Difference(together->named_parameters()[item.key()][n], item.value()[n]), 1e-7)
          << n << " " << item.key();
    }
  }
}

// The same networks behind another standardisation: as `Tiny(true)` fitted to `poses`.
ScenarioFillers Fitted(const torch::Tensor& poses, bool standardise = true) {
  ScenarioFillers fillers = Seeded(3, standardise);
  fillers->FitStandardisation(poses);
  return fillers;
}

TEST(ScenarioFillers, AreThoseThatTheOptionsName) {
  FillerOptions options = Tiny();
  options.scenarios = {"both_legs", "left_arm"};
  Fillers fillers(options);
  ASSERT_EQ(fillers->scenarios().size(), 2u);
  const torch::Tensor poses = RandomPoses(4, 3);
  ASSERT_EQ(fillers->o3d()->forward(poses).size(0), 2);
  for (int64_t n = 0; n < 2; ++n) {
    const Scenario& scenario = fillers->scenarios()[static_cast<size_t>(n)];
    EXPECT_EQ(scenario.name, options.scenarios[static_cast<size_t>(n)]);
    const torch::Tensor whole = fillers->o3d()->Complete(scenario, poses);
    const torch::Tensor filled = fillers->o3d()->forward(poses)[n];
    for (int joint : scenario.Known()) EXPECT_TRUE(whole.select(1, joint).equal(poses.select(1, joint)));
    for (int joint : scenario.missing)
      EXPECT_LT(Difference(whole.select(1, joint), filled.select(1, joint)), 1e-6);
  }
  EXPECT_THROW(fillers->o3d()->Complete(Scenarios()[IndexOfScenario("full_torso")], poses), Error);
}

TEST(ScenarioFillers, StandardisedDoNotCareForUnitsAndOrigin) {
  const torch::Tensor poses = RandomPoses(50, 3), moved = 250 * poses + 40;
  for (int64_t n = 0; n < kScenarios; ++n) {
    const torch::Tensor expected = 250 * Fitted(poses)->Complete(Scenarios()[n], poses) + 40;
    EXPECT_TRUE(Fitted(moved)->Complete(Scenarios()[n], moved).allclose(expected, 1e-4, 1e-2)) << n;
  }
}

TEST(ScenarioFillers, StandardisedStartFromTheMeanOfTheMissingJoints) {
  const torch::Tensor poses = RandomPoses(50, 3) + 3 + RandomPoses(1, 3);
  ScenarioFillers fillers = Fitted(poses);
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : fillers->parameters()) parameter.zero_();
  ForEachFiller([&](ScenarioFillers&, int64_t n, const Scenario& scenario, const torch::Tensor&) {
    const torch::Tensor filled = JointsOf(fillers->forward(poses)[n][7].unsqueeze(0), scenario.missing)[0];
    EXPECT_TRUE(filled.allclose(JointsOf(poses, scenario.missing).mean(0), 1e-5, 1e-5));
  });
}

TEST(ScenarioFillers, FitNothingUnlessTheirOptionsSaySo) {
  const torch::Tensor poses = RandomPoses(50, 3) + 3;
  EXPECT_TRUE(Fitted(poses, /*standardise=*/false)->forward(poses).equal(Seeded(3)->forward(poses)));
}

TEST(Fillers, HoldO3dAndO2d) {
  Fillers fillers(Tiny());
  EXPECT_EQ(fillers->o3d()->forward(RandomPoses(2, 3)).sizes(), (std::vector<int64_t>{kScenarios, 2, 17, 3}));
  EXPECT_EQ(fillers->o2d()->forward(RandomPoses(2, 2)).sizes(), (std::vector<int64_t>{kScenarios, 2, 17, 2}));
}

TEST(ScenarioFillers, HaveTheMethodsSizesByDefault) {
  // Linear(39, 1024), 3 blocks of two Linear(1024, 1024), Linear(1024, 9), in the stack's first network.
  ScenarioFillers fillers(3, FillerOptions());
  int64_t count = 0;
  for (const torch::Tensor& parameter : fillers->parameters())
    count += parameter[0].ne(0).sum().item<int64_t>();
  const int64_t expected = (39 * 1024 + 1024) + 3 * 2 * (1024 * 1024 + 1024) + (1024 * 9 + 9);
  EXPECT_LE(count, expected);
  EXPECT_GT(count, expected - 20) << "a few may be drawn 0";
}

}  // namespace
}  // namespace links
