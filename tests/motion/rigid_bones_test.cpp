#include "links/motion/rigid_bones.h"

#include <gmock/gmock.h>

#include <cmath>

#include "lifted/lifted_people.h"
#include "links/motion/rays.h"

namespace links {
namespace {

double Length(const MovingPose& pose, int bone) {
  const auto [parent, child] = kBoneList[bone];
  double squares = 0;
  for (int k = 0; k < 3; ++k)
    squares += std::pow(pose.joints[3 * child + k] - pose.joints[3 * parent + k], 2);
  return std::sqrt(squares);
}

/// People whose keypoints are where their joints project.
std::vector<MovingPose> Walk(int count, double wobble) {
  std::vector<MovingPose> poses;
  for (int i = 0; i < count; ++i) {
    LiftedPerson person = test::WalkingPerson(.1 * i, wobble);
    person.root_px = {400, 300};
    MovingPose pose = MovingPoseOf(person);
    pose.seen.reset();
    for (int joint = 0; joint < kJoints; ++joint) {
      const auto place = PlaceInImage(pose, joint);
      for (int k = 0; k < 2; ++k) pose.px[2 * joint + k] = static_cast<float>(place[k]);
    }
    pose.seen.set();
    poses.push_back(pose);
  }
  return poses;
}

RigidCost Rigid(std::vector<MovingPose>& poses) {
  MakeRigid(poses);
  RigidCost cost;
  for (const MovingPose& pose : poses) cost.Add(pose);
  return cost;
}

TEST(RigidBones, LengthsAreOneOverTheTrackAndTheSameLeftAndRight) {
  auto poses = Walk(60, .15);
  for (int i = 10; i < 20; ++i) poses[i].seen[kLWrist] = poses[i].seen[kHead] = false;
  const RigidCost cost = Rigid(poses);
  for (const MovingPose& pose : poses) {
    for (int bone = 0; bone < kBones; ++bone) EXPECT_NEAR(Length(pose, bone), Length(poses[0], bone), 1e-5);
    for (int bone = 0; bone < 3; ++bone) EXPECT_NEAR(Length(pose, bone), Length(pose, bone + 3), 1e-5);
    for (int bone = 10; bone < 13; ++bone) EXPECT_NEAR(Length(pose, bone), Length(pose, bone + 3), 1e-5);
    for (int k = 0; k < 3; ++k) EXPECT_EQ(pose.joints[k], 0);
  }
  EXPECT_EQ(cost.joints, 60 * 16 - 20);
  EXPECT_GT(cost.left, 0);
  EXPECT_LT(cost.sum_px / static_cast<double>(cost.joints), 5);
}

TEST(RigidBones, WhatIsRigidStaysAsItIs) {
  const auto before = Walk(30, 0);
  auto after = before;
  const RigidCost cost = Rigid(after);
  for (size_t i = 0; i < before.size(); ++i) {
    for (int k = 0; k < 3 * kJoints; ++k) EXPECT_NEAR(after[i].joints[k], before[i].joints[k], 1e-3);
  }
  EXPECT_EQ(cost.left, 0);
  EXPECT_LT(cost.sum_px / static_cast<double>(cost.joints), .01);
}

TEST(RigidBones, DepthsGiveWayBeforeRaysDo) {
  auto poses = Walk(31, 0);
  MovingPose& bent = poses[15];  // a shin that is a tenth too long in depth
  const float z = bent.joints[3 * kLAnkle + 2] + .25f;
  PutOnRay(bent, kLAnkle, PlaceInImage(bent, kLAnkle), bent.root_px, z);
  const MovingPose before = bent;
  MakeRigid(poses);
  const MovingPose& after = poses[15];
  const auto place = [](MovingPose pose) {
    pose.seen.reset();
    return PlaceInImage(pose, kLAnkle);
  };
  EXPECT_GT(std::abs(after.joints[3 * kLAnkle + 2] - z), .05);
  EXPECT_NEAR(place(after)[0], before.px[2 * kLAnkle], 3);
  EXPECT_NEAR(place(after)[1], before.px[2 * kLAnkle + 1], 3);
}

TEST(RigidBones, ABoneThatCannotReachItsRayIsNearestToIt) {
  auto poses = Walk(31, 0);
  MovingPose& far = poses[15];
  far.px[2 * kLWrist] += 400;
  const RigidCost cost = Rigid(poses);
  EXPECT_GE(cost.left, 1);
  for (int k = 0; k < 3 * kJoints; ++k) EXPECT_TRUE(std::isfinite(poses[15].joints[k]));
  EXPECT_NEAR(Length(poses[15], 12), Length(poses[0], 12), 1e-5);
}

TEST(RigidBones, OfNobodyIsNothing) {
  std::vector<MovingPose> none;
  MakeRigid(none);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace links
