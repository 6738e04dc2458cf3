#include "links/lifter/pose_lifters.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "lifter/plain_lifter.h"
#include "links/core/error.h"
#include "support/difference.h"

namespace links {
namespace {

using test::Difference;

// Method sec. 2, without the root.
const std::map<Segment, std::vector<int>> kJointsOf = {
    {Segment::kLegs, {1, 2, 3, 4, 5, 6}},
    {Segment::kTorso, {7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
    {Segment::kLeft, {4, 5, 6, 7, 8, 9, 10, 11, 12, 13}},
    {Segment::kRight, {1, 2, 3, 7, 8, 9, 10, 14, 15, 16}},
    {Segment::kFull, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}}};

constexpr int kBlocks = 2;

PoseLifters MakeLifters(bool include_root = false, bool standardise = false) {
  torch::manual_seed(1);
  const std::vector<Segment> all(kSegments.begin(), kSegments.end());
  return PoseLifters(all, LifterOptions{16, kBlocks, 1.0, standardise}, include_root);
}

torch::Tensor RandomPose(int64_t count) {
  torch::Tensor pose = torch::randn({count, 17, 2}) / 10;
  pose.select(1, 0).zero_();
  return pose;
}

// All x, then all y of the joints.
torch::Tensor PlainColumns(const torch::Tensor& pose, const std::vector<int>& joints) {
  std::vector<torch::Tensor> columns;
  for (int k : {0, 1}) {
    for (int joint : joints) columns.push_back(pose.select(1, joint).select(1, k));
  }
  return torch::stack(columns, 1);
}

TEST(PoseLifters, LiftsEachJointFromItsKeypointAndDepth) {
  const torch::Tensor pose = RandomPose(4);
  for (bool include_root : {false, true}) {
    PoseLifters lifters = MakeLifters(include_root);
    for (const auto& [segment, joints] : kJointsOf) {
      const bool sees_root = include_root && segment != Segment::kTorso;
      std::vector<int> seen = joints;
      if (sees_root) seen.insert(seen.begin(), 0);
      const test::PlainLifter plain(*lifters->lifter(segment), kBlocks);
      const torch::Tensor depth = plain.DepthOffset(PlainColumns(pose, seen));
      const LiftedWithElevation lifted = lifters->LiftWithElevation(segment, pose);
      const int64_t count = static_cast<int64_t>(joints.size());
      ASSERT_EQ(lifted.points.sizes(), torch::IntArrayRef({4, count, 3}));
      for (int64_t i = 0; i < count; ++i) {
        const torch::Tensor d = depth.select(1, i + (sees_root ? 1 : 0)).unsqueeze(1);
        const torch::Tensor xy = pose.select(1, joints[static_cast<size_t>(i)]);
        EXPECT_LT(Difference(lifted.points.select(1, i), torch::cat({xy * (10 + d), d}, 1)), 1e-5);
      }
      EXPECT_LT(Difference(lifted.elevation, plain.Elevation(PlainColumns(pose, seen))), 1e-6);
      EXPECT_TRUE(torch::equal(lifters->Lift(segment, pose), lifted.points));
    }
  }
}

TEST(PoseLifters, ASegmentsLifterLooksAtItsJointsOnly) {
  PoseLifters lifters = MakeLifters();
  const torch::Tensor pose = RandomPose(1);
  for (const auto& [segment, joints] : kJointsOf) {
    const LiftedWithElevation before = lifters->LiftWithElevation(segment, pose);
    for (int joint = 0; joint < 17; ++joint) {
      torch::Tensor moved = pose.clone();
      moved[0][joint] += 1;
      const LiftedWithElevation after = lifters->LiftWithElevation(segment, moved);
      const bool inside = std::find(joints.begin(), joints.end(), joint) != joints.end();
      EXPECT_EQ(!torch::equal(after.elevation, before.elevation), inside)
          << SegmentName(segment) << " " << joint;
      // Every depth of the segment feels every joint of it.
      const torch::Tensor same = after.points.select(2, 2) == before.points.select(2, 2);
      EXPECT_TRUE(inside ? !same.any().item<bool>() : same.all().item<bool>())
          << SegmentName(segment) << " " << joint;
    }
  }
}

TEST(PoseLifters, ComposeTakesEachJointFromItsLifter) {
  PoseLifters lifters = MakeLifters();
  // A point of segment s and joint j is (s, j, pose).
  LiftedSegments lifted;
  for (const auto& [segment, joints] : kJointsOf) {
    torch::Tensor points = torch::zeros({2, static_cast<int64_t>(joints.size()), 3});
    for (size_t i = 0; i < joints.size(); ++i) {
      for (int pose : {0, 1}) {
        points[pose][static_cast<int64_t>(i)] = torch::tensor(
            {static_cast<float>(segment), static_cast<float>(joints[i]), static_cast<float>(pose)});
      }
    }
    lifted[segment] = points;
  }
  const auto g = Segment::kLegs, t = Segment::kTorso, l = Segment::kLeft, r = Segment::kRight,
             f = Segment::kFull;
  const std::pair<Composition, std::vector<Segment>> table[] = {
      // of the joints 1 to 16
      {LegsTorso(), {g, g, g, g, g, g, t, t, t, t, t, t, t, t, t, t}},
      {LeftCore(), {r, r, r, l, l, l, l, l, l, l, l, l, l, r, r, r}},
      {RightCore(), {r, r, r, l, l, l, r, r, r, r, l, l, l, r, r, r}},
      {FullPose(), {f, f, f, f, f, f, f, f, f, f, f, f, f, f, f, f}}};
  for (const auto& [composition, sources] : table) {
    const torch::Tensor pose = lifters->Compose(composition, lifted);
    ASSERT_EQ(pose.sizes(), torch::IntArrayRef({2, 17, 3}));
    EXPECT_EQ(pose.select(1, 0).abs().max().item<float>(), 0);
    for (int i : {0, 1}) {
      for (int joint = 1; joint < 17; ++joint) {
        EXPECT_EQ(pose[i][joint][0].item<int>(), static_cast<int>(sources[static_cast<size_t>(joint - 1)]))
            << composition.name << ", joint " << joint;
        EXPECT_EQ(pose[i][joint][1].item<int>(), joint) << composition.name;
        EXPECT_EQ(pose[i][joint][2].item<int>(), i) << composition.name;
      }
    }
  }
}

TEST(PoseLifters, UnknownJointsLieAtTheOrigin) {
  PoseLifters lifters = MakeLifters();
  const torch::Tensor lifted = lifters->LiftPose({"legs", Segment::kLegs, std::nullopt}, RandomPose(3));
  EXPECT_TRUE(torch::equal(lifted.narrow(1, 7, 10), torch::zeros({3, 10, 3})));
  EXPECT_GT(lifted.narrow(1, 1, 6).abs().min().item<float>(), 0);
}

TEST(PoseLifters, ALiftedPoseProjectsToItsKeypoints) {
  for (bool include_root : {false, true}) {
    PoseLifters lifters = MakeLifters(include_root);
    const torch::Tensor pose = RandomPose(5);
    for (const Composition& composition : {LegsTorso(), LeftCore(), RightCore(), FullPose()}) {
      const torch::Tensor lifted = lifters->LiftPose(composition, pose);
      EXPECT_EQ(lifted.select(1, 0).abs().max().item<float>(), 0) << composition.name;
      EXPECT_LT(Difference(lifted.narrow(2, 0, 2) / (lifted.narrow(2, 2, 1) + 10), pose), 1e-6)
          << composition.name;
    }
  }
}

TEST(PoseLifters, TheRootsDepthIsNotUsed) {
  PoseLifters lifters = MakeLifters(/*include_root=*/true);
  const torch::Tensor pose = RandomPose(3), before = lifters->LiftPose(LegsTorso(), pose);
  const torch::NoGradGuard no_grad;
  torch::Tensor bias =
      lifters->lifter(Segment::kLegs)->named_parameters()["depth." + std::to_string(kBlocks) + ".bias"];
  ASSERT_EQ(bias.size(0), 7);
  bias[0] += 5;
  EXPECT_TRUE(torch::equal(lifters->LiftPose(LegsTorso(), pose), before));
  bias[1] += 5;  // the right hip
  EXPECT_NEAR((lifters->LiftPose(LegsTorso(), pose) - before)[0][1][2].item<float>(), 5, 1e-5);
}

TEST(PoseLifters, FitStandardisationGivesEachLifterItsOwnMoments) {
  PoseLifters lifters = MakeLifters(false, /*standardise=*/true);
  const torch::Tensor poses = RandomPose(50);
  lifters->FitStandardisation(poses);
  for (const auto& [segment, joints] : kJointsOf) {
    const auto buffers = lifters->lifter(segment)->named_buffers();
    EXPECT_LT(Difference(buffers["standardise.mean"], PlainColumns(poses, joints).mean(0)), 1e-6);
    EXPECT_LT(Difference(buffers["standardise.deviation"], PlainColumns(poses, joints).std(0, false)), 1e-6);
  }
}

TEST(PoseLifters, KnowsWhichCompositionsItHas) {
  const std::vector<Segment> three = {Segment::kLegs, Segment::kTorso, Segment::kLeft};
  PoseLifters lifters(three, LifterOptions{8, 1}, false);
  EXPECT_TRUE(lifters->Has(LegsTorso()));
  EXPECT_FALSE(lifters->Has(LeftCore()));
  EXPECT_FALSE(lifters->Has(FullPose()));
}

TEST(PoseLifters, RefusesOtherPoses) {
  PoseLifters lifters = MakeLifters();
  EXPECT_THROW(lifters->Lift(Segment::kLegs, torch::zeros({2, 16, 2})), Error);
  EXPECT_THROW(lifters->LiftWithElevation(Segment::kLegs, torch::zeros({2, 17, 3})), Error);
}

}  // namespace
}  // namespace links
