#include "links/lifter/pose_lifters.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <map>

#include "lifter/plain_lifter.h"
#include "links/core/error.h"
#include "links/geometry/camera.h"
#include "links/occlusion/scenario.h"
#include "support/copy_members.h"
#include "support/difference.h"

namespace links {
namespace {

using namespace test;

// docs/method.md sec. 2, without the root.
const std::map<Segment, std::vector<int>> kJointsOf = {
    {Segment::kLegs, {1, 2, 3, 4, 5, 6}},
    {Segment::kTorso, {7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
    {Segment::kLeft, {4, 5, 6, 7, 8, 9, 10, 11, 12, 13}},
    {Segment::kRight, {1, 2, 3, 7, 8, 9, 10, 14, 15, 16}},
    {Segment::kFull, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}}};

constexpr int kBlocks = 2;

const std::vector<Segment> kAll(kSegments.begin(), kSegments.end());

PoseLifters MakeLifters(bool include_root = false, bool standardise = false) {
  torch::manual_seed(1);
  return PoseLifters(kAll, LifterOptions{16, kBlocks, 1.0, standardise}, include_root);
}

int64_t PlaceOf(Segment segment) {
  return std::find(kAll.begin(), kAll.end(), segment) - kAll.begin();
}

// Some of the lifters, alone.
PoseLifters Only(PoseLifters& lifters, const std::vector<Segment>& segments) {
  PoseLifters some(segments, LifterOptions{16, kBlocks}, /*include_root=*/false);
  std::vector<int64_t> members;
  for (Segment segment : segments) members.push_back(PlaceOf(segment));
  CopyMembers(*lifters, members, *some);
  return some;
}

torch::Tensor RandomPose(int64_t count) {
  torch::Tensor pose = torch::randn({count, 17, 2}) / 10;
  pose.select(1, 0).zero_();
  return pose;
}

// The joints that a segment's networks see.
std::vector<int> Seen(Segment segment, bool include_root) {
  std::vector<int> seen = kJointsOf.at(segment);
  if (include_root && segment != Segment::kTorso) seen.insert(seen.begin(), 0);
  return seen;
}

Composition Alone(Segment segment) {
  return {"only " + std::string(SegmentName(segment)), segment, std::nullopt};
}

TEST(PoseLifters, LiftsEachJointFromItsKeypointAndDepth) {
  const torch::Tensor pose = RandomPose(4);
  for (bool include_root : {false, true}) {
    PoseLifters lifters = MakeLifters(include_root);
    const LiftedSegments lifted = lifters->Lift(pose);
    ASSERT_EQ(lifted.depths.sizes(), torch::IntArrayRef({5, 4, 17}));
    ASSERT_EQ(lifted.elevation.sizes(), torch::IntArrayRef({5, 4}));
    EXPECT_TRUE(lifters->Depths(pose).equal(lifted.depths));
    for (const auto& [segment, joints] : kJointsOf) {
      const int64_t place = PlaceOf(segment);
      const std::vector<int> seen = Seen(segment, include_root);
      const PlainLifter plain(*lifters->stack(), place, seen, kBlocks);
      const torch::Tensor depth = plain.DepthOffset(pose), points = lifters->LiftPose(Alone(segment), pose);
      ASSERT_EQ(points.sizes(), torch::IntArrayRef({4, 17, 3}));
      for (const int joint : joints) {
        const int64_t column = std::find(seen.begin(), seen.end(), joint) - seen.begin();
        const torch::Tensor d = depth.select(1, column).unsqueeze(1), xy = pose.select(1, joint);
        EXPECT_LT(Difference(lifted.depths[place].select(1, joint), d.squeeze(1)), 1e-6);
        EXPECT_LT(Difference(points.select(1, joint), torch::cat({xy * (10 + d), d}, 1)), 1e-5);
      }
      EXPECT_LT(Difference(lifted.elevation[place], plain.Elevation(pose)), 1e-6);
    }
  }
}

TEST(PoseLifters, EachLifterMayHaveAPoseOfItsOwn) {
  PoseLifters lifters = MakeLifters();
  const torch::Tensor poses = RandomPose(5 * 3).view({5, 3, 17, 2});
  const LiftedSegments lifted = lifters->Lift(poses);
  EXPECT_TRUE(lifters->Depths(poses).equal(lifted.depths));
  for (int64_t n = 0; n < 5; ++n) {
    const LiftedSegments own = lifters->Lift(poses[n]);
    EXPECT_LT(Difference(lifted.depths[n], own.depths[n]), 1e-6) << n;
    EXPECT_LT(Difference(lifted.elevation[n], own.elevation[n]), 1e-6) << n;
  }
}

TEST(PoseLifters, ASegmentsLifterLooksAtItsJointsOnly) {
  PoseLifters lifters = MakeLifters();
  const torch::Tensor pose = RandomPose(1);
  const LiftedSegments before = lifters->Lift(pose);
  for (int joint = 0; joint < 17; ++joint) {
    torch::Tensor moved = pose.clone();
    moved[0][joint] += 1;
    const LiftedSegments after = lifters->Lift(moved);
    for (const auto& [segment, joints] : kJointsOf) {
      const int64_t n = PlaceOf(segment);
      const bool inside = std::find(joints.begin(), joints.end(), joint) != joints.end();
      EXPECT_EQ(!torch::equal(after.elevation[n], before.elevation[n]), inside)
          << SegmentName(segment) << " " << joint;
      // Every depth of the segment feels every joint of it.
      const torch::Tensor same = Take(after.depths[n] == before.depths[n], 1, ColumnsOf(joints, 1));
      EXPECT_TRUE(inside ? !same.any().item<bool>() : same.all().item<bool>())
          << SegmentName(segment) << " " << joint;
    }
  }
}

TEST(PoseLifters, ComposeTakesEachJointFromItsLifter) {
  PoseLifters lifters = MakeLifters();
  const auto g = Segment::kLegs, t = Segment::kTorso, l = Segment::kLeft, r = Segment::kRight,
             f = Segment::kFull;
  const std::pair<Composition, std::vector<Segment>> table[] = {
      // of the joints 1 to 16
      {LegsTorso(), {g, g, g, g, g, g, t, t, t, t, t, t, t, t, t, t}},
      {LeftCore(), {r, r, r, l, l, l, l, l, l, l, l, l, l, r, r, r}},
      {RightCore(), {r, r, r, l, l, l, r, r, r, r, l, l, l, r, r, r}},
      {FullPose(), {f, f, f, f, f, f, f, f, f, f, f, f, f, f, f, f}}};
  std::vector<Composition> all;
  for (const auto& [composition, sources] : table) all.push_back(composition);
  const torch::Tensor selection = lifters->Selection(all, torch::kCPU);
  ASSERT_EQ(selection.sizes(), torch::IntArrayRef({4, 5, 17}));
  // The depth that lifter s gives joint j of pose b is 5 s + j / 4 + b / 16.
  const torch::Tensor depths = 5. * torch::arange(5).view({5, 1, 1}) +
                               torch::arange(2).view({1, 2, 1}) / 16. +
                               torch::arange(17).view({1, 1, 17}) / 4.;
  const torch::Tensor keypoints = RandomPose(2 * 4).view({4, 2, 17, 2});
  const torch::Tensor poses = ComposePoses(keypoints[0], depths, selection),
                      each = ComposePoses(keypoints, depths, selection);
  ASSERT_EQ(poses.sizes(), torch::IntArrayRef({4, 2, 17, 3}));
  for (int64_t p = 0; p < 4; ++p) {
    EXPECT_LT(Difference(each[p], ComposePoses(keypoints[p], depths, selection)[p]), 1e-6)
        << "keypoints of each pose";
    EXPECT_EQ(poses[p].select(1, 0).abs().max().item<float>(), 0);
    for (int64_t b : {0, 1}) {
      for (int64_t joint = 1; joint < 17; ++joint) {
        const auto source = static_cast<double>(table[p].second[static_cast<size_t>(joint - 1)]);
        const double depth = 5 * source + static_cast<double>(joint) / 4 + static_cast<double>(b) / 16;
        const torch::Tensor xy = keypoints[0][b][joint] * (10 + depth), point = poses[p][b][joint];
        EXPECT_NEAR(point[2].item<double>(), depth, 1e-5) << table[p].first.name << ", joint " << joint;
        EXPECT_LT(Difference(point.narrow(0, 0, 2), xy), 1e-5) << table[p].first.name << ", joint " << joint;
      }
    }
  }
}

TEST(PoseLifters, LiftPoseIsTheCompositionOfAllDepths) {
  PoseLifters lifters = MakeLifters();
  const torch::Tensor pose = RandomPose(3), depths = lifters->Depths(pose);
  std::vector<Composition> all = {LegsTorso(), LeftCore(), RightCore(), FullPose()};
  for (const Scenario& scenario : Scenarios()) all.push_back(scenario.visible);
  const torch::Tensor poses = ComposePoses(pose, depths, lifters->Selection(all, torch::kCPU));
  for (size_t p = 0; p < all.size(); ++p) {
    EXPECT_LT(Difference(lifters->LiftPose(all[p], pose), poses[static_cast<int64_t>(p)]), 1e-5)
        << all[p].name;
  }
}

TEST(PoseLifters, AWholePoseHasTheMeanDepthsOfItsCompositions) {
  PoseLifters lifters = MakeLifters();
  const torch::Tensor pose = RandomPose(3);
  const auto depths = [&](const Composition& composition) {
    return lifters->LiftPose(composition, pose).select(-1, 2);
  };
  const torch::Tensor three = depths(LegsTorso()) + depths(LeftCore()) + depths(RightCore());
  const std::pair<WholePose, torch::Tensor> all[] = {
      {WholePose::kLegsTorso, depths(LegsTorso())},
      {WholePose::kFull, depths(FullPose())},
      {WholePose::kMean, three / 3},
      {WholePose::kMeanFull, (three + depths(FullPose())) / 4},
      {WholePose::kLegsTorsoFull, (depths(LegsTorso()) + depths(FullPose())) / 2}};
  for (const auto& [whole_pose, expected] : all) {
    lifters->SetWholePose(whole_pose);
    const torch::Tensor lifted = lifters->LiftMean(lifters->OfWholePose(), pose);
    EXPECT_LT(Difference(lifted.select(-1, 2), expected), 1e-5) << static_cast<int>(whole_pose);
    EXPECT_LT(Difference(Project(lifted), pose), 1e-6) << "on the rays of its joints";
  }
}

TEST(PoseLifters, LiftersSideBySideAreEachByItself) {
  PoseLifters lifters = MakeLifters();
  const torch::Tensor pose = RandomPose(6);
  for (const Segment segment : kAll) {
    PoseLifters own = Only(lifters, {segment});
    EXPECT_LT(Difference(own->LiftPose(Alone(segment), pose), lifters->LiftPose(Alone(segment), pose)), 1e-5)
        << SegmentName(segment);
    EXPECT_LT(Difference(own->Lift(pose).elevation[0], lifters->Lift(pose).elevation[PlaceOf(segment)]), 1e-6)
        << SegmentName(segment);
  }
}

// Segments that a composition needs may lie side by side among the lifters or not.
TEST(PoseLifters, WhereTheLiftersLieDoesNotMatter) {
  PoseLifters lifters = MakeLifters();
  const torch::Tensor pose = RandomPose(6);
  for (const Scenario& scenario : Scenarios()) {
    std::vector<Segment> needed = scenario.visible.segments();
    std::sort(needed.begin(), needed.end());
    EXPECT_LT(Difference(Only(lifters, needed)->LiftPose(scenario.visible, pose),
                         lifters->LiftPose(scenario.visible, pose)),
              1e-5)
        << scenario.name;
  }
}

TEST(PoseLifters, UnknownJointsLieAtTheOrigin) {
  PoseLifters lifters = MakeLifters();
  const torch::Tensor lifted = lifters->LiftPose(Alone(Segment::kLegs), RandomPose(3));
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
  torch::Tensor bias = lifters->stack()->named_parameters()["depth.head.bias"];  // of the legs, then others
  ASSERT_EQ(bias.sizes(), torch::IntArrayRef({5, 1, 17}));
  bias[0][0][0] += 5;
  EXPECT_TRUE(torch::equal(lifters->LiftPose(LegsTorso(), pose), before));
  bias[0][0][1] += 5;  // the right hip
  EXPECT_NEAR((lifters->LiftPose(LegsTorso(), pose) - before)[0][1][2].item<float>(), 5, 1e-5);
}

TEST(PoseLifters, FitStandardisationGivesEachJointItsOwnMoments) {
  PoseLifters lifters = MakeLifters(false, /*standardise=*/true);
  const torch::Tensor poses = RandomPose(50) + 0.3 * torch::randn({17, 2});
  lifters->FitStandardisation(poses);
  const torch::Tensor seen = (poses - poses.mean(0)) / poses.std(0, /*unbiased=*/false);
  const torch::Tensor depths = lifters->Depths(poses);
  for (const auto& [segment, joints] : kJointsOf) {
    const int64_t n = PlaceOf(segment);
    const torch::Tensor plain = PlainLifter(*lifters->stack(), n, joints, kBlocks).DepthOffset(seen);
    EXPECT_LT(Difference(Take(depths[n], 1, ColumnsOf(joints, 1)), plain), 1e-5) << SegmentName(segment);
  }
}

TEST(PoseLifters, KnowsWhichCompositionsItHas) {
  const std::vector<Segment> three = {Segment::kLegs, Segment::kTorso, Segment::kLeft};
  PoseLifters lifters(three, LifterOptions{8, 1}, false);
  EXPECT_TRUE(lifters->Has(LegsTorso()));
  EXPECT_FALSE(lifters->Has(LeftCore()));
  EXPECT_FALSE(lifters->Has(FullPose()));
  EXPECT_THROW(lifters->LiftPose(LeftCore(), RandomPose(2)), Error);
  EXPECT_THROW(lifters->LiftPose(LeftCore(), RandomPose(2)), Error) << "again";
}

TEST(PoseLifters, RefusesOtherPoses) {
  PoseLifters lifters = MakeLifters();
  EXPECT_THROW(lifters->Depths(torch::zeros({2, 16, 2})), Error);
  EXPECT_THROW(lifters->Lift(torch::zeros({2, 17, 3})), Error);
  EXPECT_THROW(lifters->Depths(torch::zeros({2, 6, 17, 2})), Error) << "there are five lifters";
  EXPECT_THROW(lifters->LiftPose(LegsTorso(), torch::zeros({5, 2, 17, 2})), Error);
}

}  // namespace
}  // namespace links
