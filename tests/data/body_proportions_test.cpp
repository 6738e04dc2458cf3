#include "links/data/body_proportions.h"

#include <gtest/gtest.h>

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <vector>

#include "links/core/error.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

using Eigen::Vector3d;

WorldPose RandomPose(uint64_t seed) {
  Random random(seed);
  WorldPose pose;
  for (Vector3d& joint : pose) joint = {random.Normal(0, 400), random.Normal(0, 400), random.Normal(0, 400)};
  return pose;
}

Vector3d Bone(const WorldPose& pose, int from, int to) {
  return pose[to] - pose[from];
}

TEST(BodyProportions, SetLengthsAndKeepDirections) {
  const WorldPose recorded = RandomPose(3);
  const BodyProportions body = {
      .thigh = .55, .upper_arm = .6, .leg = 1.1, .arm = .9, .hips = 1.2, .shoulders = .8};
  const WorldPose pose = body.Of(recorded);
  for (const auto& [first, times, share] :
       {std::tuple(kRHip, 1.1, .55), {kLHip, 1.1, .55}, {kLShoulder, .9, .6}, {kRShoulder, .9, .6}}) {
    SCOPED_TRACE(kJointNames[first]);
    const Vector3d was[] = {Bone(recorded, first, first + 1), Bone(recorded, first + 1, first + 2)};
    const Vector3d is[] = {Bone(pose, first, first + 1), Bone(pose, first + 1, first + 2)};
    const double length = times * (was[0].norm() + was[1].norm());
    EXPECT_NEAR(is[0].norm(), share * length, 1e-9);
    EXPECT_NEAR(is[1].norm(), (1 - share) * length, 1e-9);
    for (const int bone : {0, 1})
      EXPECT_NEAR((is[bone].normalized() - was[bone].normalized()).norm(), 0, 1e-12);
  }
  EXPECT_NEAR((Bone(pose, kRHip, kLHip) - 1.2 * Bone(recorded, kRHip, kLHip)).norm(), 0, 1e-9);
  EXPECT_NEAR((Bone(pose, kRShoulder, kLShoulder) - .8 * Bone(recorded, kRShoulder, kLShoulder)).norm(), 0,
              1e-9);
  const auto middle = [](const WorldPose& of, int a, int b) -> Vector3d { return (of[a] + of[b]) / 2; };
  EXPECT_NEAR((middle(pose, kRHip, kLHip) - middle(recorded, kRHip, kLHip)).norm(), 0, 1e-9);
  for (const int joint : {kHip, kSpine, kThorax, kHead, kHeadTop}) EXPECT_EQ(pose[joint], recorded[joint]);
}

TEST(BodyProportions, OfTheRecordedBodyChangeNothing) {
  WorldPose recorded = RandomPose(4);
  const auto share = [&](int first) {
    const double upper = Bone(recorded, first, first + 1).norm();
    return upper / (upper + Bone(recorded, first + 1, first + 2).norm());
  };
  // The other side's bones as long as the first's.
  for (const auto& [own, other] : {std::pair(kRHip, kLHip), {kLShoulder, kRShoulder}}) {
    for (const int bone : {0, 1}) {
      recorded[other + bone + 1] =
          recorded[other + bone] + Bone(recorded, own + bone, own + bone + 1).norm() * Vector3d::UnitY();
    }
  }
  const WorldPose pose = BodyProportions{.thigh = share(kRHip), .upper_arm = share(kLShoulder)}.Of(recorded);
  for (int joint = 0; joint < kJoints; ++joint)
    EXPECT_NEAR((pose[joint] - recorded[joint]).norm(), 0, 1e-9) << kJointNames[joint];
}

TEST(BodyProportions, ALimbWithoutLengthStaysAPoint) {
  WorldPose recorded;
  recorded.fill(Vector3d(1, 2, 3));
  for (const Vector3d& joint : BodyProportions().Of(recorded)) EXPECT_EQ(joint, Vector3d(1, 2, 3));
}

TEST(BodyProportions, DifferAsPeopleDo) {
  Random random(7);
  std::vector<double> ratios, legs;
  for (int i = 0; i < 4000; ++i) {
    const BodyProportions body = BodyProportions::Draw(random);
    ratios.push_back(body.thigh / (1 - body.thigh));
    legs.push_back(body.leg);
  }
  const auto mean = [](const std::vector<double>& of) {
    double sum = 0;
    for (const double value : of) sum += value;
    return sum / static_cast<double>(of.size());
  };
  EXPECT_NEAR(mean(ratios), 1, 0.005);  // thigh and shank
  EXPECT_NEAR(mean(legs), 1, 0.005);
  EXPECT_NEAR(*std::ranges::min_element(legs), 1 - 3.5 * .04, .04);
  EXPECT_GT(*std::ranges::min_element(ratios), .8);
}

TEST(BodyProportions, HaveTwoNames) {
  EXPECT_EQ(ParseBodies("recorded"), Bodies::kRecorded);
  EXPECT_EQ(ParseBodies("varied"), Bodies::kVaried);
  EXPECT_THROW(ParseBodies("tall"), UsageError);
}

}  // namespace
}  // namespace links
