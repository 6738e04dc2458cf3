#include "key_pose.h"

#include <algorithm>

namespace links {
namespace {

int Other(int side) {
  return 1 - side;
}

/// An arm anywhere in its range.
void FreeArm(BodyPose& pose, int side, Random& r) {
  pose.Arm(side, kArmSpread) = r.Uniform(-0.3, 2.7);
  pose.Arm(side, kArmFlex) = r.Uniform(-0.6, r.Chance(0.5) ? 2.7 : 1.2);
  pose.Arm(side, kArmTurn) = r.Uniform(-1.0, 1.2);
  pose.Arm(side, kElbow) = r.Uniform(0.1, 2.2);
  pose.Arm(side, kShrug) = std::max(0.0, pose.Arm(side, kArmSpread) - 1.2) * 0.2;
}

BodyPose Talk(Random& r) {
  BodyPose pose = SampleStand(r);
  for (int side : {kLeft, kRight}) {
    if (r.Chance(0.75)) SampleGesture(pose, side, r);
  }
  return pose;
}

BodyPose Reach(Random& r) {
  BodyPose pose = SampleStand(r);
  const int side = r.Index(2);
  const bool both = r.Chance(0.35);
  pose.BendPelvis(r.Uniform(-0.1, 0.5));
  pose[kSpineBend] += r.Uniform(-0.1, 0.4);
  pose[kChestLean] += r.Normal(0, 0.2);
  pose[kSpineTwist] += (side == kLeft ? -1 : 1) * r.Uniform(0, 0.5);
  const double flex = r.Uniform(0.4, 2.7), spread = r.Uniform(-0.2, 1.2);
  for (int each : {side, Other(side)}) {
    if (each != side && !both) break;
    pose.Arm(each, kArmFlex) = flex + r.Normal(0, 0.1);
    pose.Arm(each, kArmSpread) = spread + r.Normal(0, 0.1);
    pose.Arm(each, kElbow) = r.Uniform(0.06, 0.7);
    pose.Arm(each, kShrug) = r.Uniform(0, 0.3);
  }
  const int front = r.Index(2);
  const double step = r.Uniform(0, 0.5);
  pose.Leg(front, kThighFlex) += step;
  pose.Leg(front, kKnee) += step * 0.8;
  pose.Leg(Other(front), kThighFlex) -= step * 0.5;
  return pose;
}

BodyPose Sit(Random& r) {
  BodyPose pose = SampleStand(r);
  pose[kPelvisBend] = r.Uniform(-0.35, 0.4);
  pose[kSpineBend] = r.Uniform(-0.05, 0.45);
  pose[kChestBend] = r.Uniform(-0.05, 0.35);
  const double thigh = r.Uniform(1.25, 1.75);
  for (int side : {kLeft, kRight}) {
    pose.Leg(side, kThighFlex) = thigh + pose[kPelvisBend] + r.Normal(0, 0.1);
    pose.Leg(side, kThighSpread) = r.Uniform(-0.05, 0.5);
    pose.Leg(side, kThighTurn) = r.Normal(0, 0.25);
    pose.Leg(side, kKnee) = std::max(r.Uniform(0.9, 2.0), 2 * (thigh - 1.35));
    if (r.Chance(0.6)) SampleGesture(pose, side, r);
  }
  return pose;
}

BodyPose Squat(Random& r) {
  BodyPose pose = Talk(r);
  const double depth = r.Uniform(0, 1);
  pose.BendPelvis(0.7 * depth * r.Uniform(0.4, 1));
  pose[kSpineBend] += 0.3 * depth;
  for (int side : {kLeft, kRight}) {
    pose.Leg(side, kThighFlex) += 1.35 * depth;
    pose.Leg(side, kThighSpread) += 0.35 * depth * r.Uniform(0, 1);
    pose.Leg(side, kKnee) += 2.1 * depth;
    if (r.Chance(0.5)) pose.Arm(side, kArmFlex) = 1.4 * depth;
  }
  return pose;
}

BodyPose Bow(Random& r) {
  BodyPose pose = SampleStand(r);
  const double depth = r.Uniform(0, 1), knee = r.Uniform(0, 0.9) * depth;
  pose.BendPelvis(0.7 * depth);
  pose[kSpineBend] += 0.4 * depth;
  pose[kChestBend] += 0.3 * depth;
  pose[kChestTwist] += r.Normal(0, 0.25);
  pose[kNeckBend] -= 0.4 * depth;
  for (int side : {kLeft, kRight}) {
    pose.Leg(side, kKnee) += knee;
    pose.Leg(side, kThighFlex) += knee * 0.55;
    pose.Arm(side, kArmFlex) = (1.3 + r.Uniform(-0.6, 0.6)) * depth;
    pose.Arm(side, kElbow) = r.Uniform(0.1, 0.8);
  }
  return pose;
}

BodyPose Wave(Random& r, int side) {
  BodyPose pose = SampleStand(r);
  if (r.Chance(0.3)) SampleGesture(pose, Other(side), r);
  pose.Arm(side, kArmSpread) = r.Uniform(1.2, 2.6);
  pose.Arm(side, kArmFlex) = r.Uniform(-0.1, 0.9);
  pose.Arm(side, kArmTurn) = r.Uniform(-1.2, 0.3);
  pose.Arm(side, kElbow) = r.Uniform(0.3, 1.9);
  pose.Arm(side, kShrug) = r.Uniform(0, 0.25);
  return pose;
}

BodyPose Kick(Random& r, int side) {
  BodyPose pose = Talk(r);
  const bool back_swing = r.Chance(0.35);
  const double flex = back_swing ? r.Uniform(-0.5, 0) : r.Uniform(0.2, 1.5);
  pose.Leg(side, kThighFlex) = flex;
  pose.Leg(side, kKnee) = back_swing ? r.Uniform(0.3, 1.6) : r.Uniform(0.1, 1.9);
  pose.Leg(side, kThighSpread) = r.Uniform(0, 0.7);
  pose[kPelvisBend] -= 0.2 * flex;
  pose[kPelvisLean] += (side == kLeft ? 1 : -1) * r.Uniform(0, 0.25);
  pose.Leg(Other(side), kKnee) = r.Uniform(0.1, 0.5);
  for (int arm : {kLeft, kRight}) pose.Arm(arm, kArmSpread) += r.Uniform(0, 0.6);
  return pose;
}

BodyPose Box(Random& r, int front) {
  BodyPose pose = SampleStand(r);
  pose.BendPelvis(r.Uniform(0, 0.25));
  pose.Leg(front, kThighFlex) += r.Uniform(0.2, 0.6);
  pose.Leg(Other(front), kThighFlex) -= r.Uniform(0, 0.35);
  for (int side : {kLeft, kRight}) {
    const bool punch = r.Chance(0.35);
    pose.Leg(side, kKnee) += r.Uniform(0.2, 0.6);
    pose.Arm(side, kArmFlex) = punch ? r.Uniform(1.1, 1.8) : r.Uniform(0.3, 0.9);
    pose.Arm(side, kArmTurn) = r.Uniform(0, 0.6);
    pose.Arm(side, kElbow) = punch ? r.Uniform(0.1, 0.6) : r.Uniform(1.6, 2.3);
    if (punch) pose[kSpineTwist] += (side == kLeft ? -1 : 1) * r.Uniform(0.1, 0.5);
  }
  return pose;
}

BodyPose Lunge(Random& r) {
  BodyPose pose = Talk(r);
  const int front = r.Index(2);
  const double depth = r.Uniform(0.2, 1);
  pose.Leg(front, kThighFlex) += 1.2 * depth;
  pose.Leg(front, kKnee) += 1.2 * depth;
  pose.Leg(Other(front), kThighFlex) -= 0.5 * depth;
  pose.Leg(Other(front), kKnee) += r.Uniform(0.1, 1.2) * depth;
  pose.BendPelvis(r.Uniform(0, 0.4) * depth);
  return pose;
}

BodyPose Stretch(Random& r) {
  BodyPose pose = SampleStand(r);
  for (int side : {kLeft, kRight}) FreeArm(pose, side, r);
  pose[kSpineLean] += r.Normal(0, 0.2);
  pose[kChestLean] += r.Normal(0, 0.2);
  pose[kSpineTwist] += r.Normal(0, 0.25);
  pose[kSpineBend] += r.Normal(0.05, 0.2);
  if (r.Chance(0.5)) {
    const int side = r.Index(2);
    pose.Leg(side, kThighFlex) = r.Uniform(-0.4, 1.3);
    pose.Leg(side, kThighSpread) = r.Uniform(0, 0.8);
    pose.Leg(side, kKnee) = r.Uniform(0.1, 1.8);
  }
  return pose;
}

}  // namespace

BodyPose SampleStand(Random& r) {
  BodyPose pose;
  pose.BendPelvis(r.Normal(0.03, 0.05));
  pose[kPelvisLean] = r.Normal(0, 0.04);
  pose[kSpineBend] = r.Normal(0.05, 0.06);
  pose[kSpineTwist] = r.Normal(0, 0.1);
  pose[kChestBend] = r.Normal(0.05, 0.06);
  pose[kChestTwist] = r.Normal(0, 0.1);
  pose[kNeckBend] = r.Normal(0.1, 0.15);
  pose[kNeckTwist] = r.Normal(0, 0.35);
  pose[kNod] = r.Normal(0, 0.12);
  const double stagger = r.Normal(0, 0.15);
  for (int side : {kLeft, kRight}) {
    pose.Leg(side, kThighFlex) += (side == kLeft ? stagger : -stagger) + 0.05;
    pose.Leg(side, kThighSpread) = r.Uniform(0, 0.2);
    pose.Leg(side, kThighTurn) = r.Uniform(0, 0.35);
    pose.Leg(side, kKnee) = 0.08 + r.Uniform(0, 0.2);
    pose.Arm(side, kArmFlex) = r.Normal(0, 0.15);
    pose.Arm(side, kArmSpread) = r.Uniform(0.05, 0.3);
    pose.Arm(side, kArmTurn) = r.Uniform(-0.2, 0.6);
    pose.Arm(side, kElbow) = r.Uniform(0.15, 0.7);
  }
  return pose;
}

void SampleGesture(BodyPose& pose, int side, Random& r) {
  pose.Arm(side, kArmFlex) = r.Uniform(-0.3, 1.1);
  pose.Arm(side, kArmSpread) = r.Uniform(0, 0.7);
  pose.Arm(side, kArmTurn) = r.Uniform(-0.5, 1.2);
  pose.Arm(side, kElbow) = r.Uniform(0.4, 2.2);
}

BodyPose SampleKeyPose(Action action, int side, int key, Random& r) {
  switch (action) {
    case Action::kTalk:
      return Talk(r);
    case Action::kReach:
      return Reach(r);
    case Action::kSit:
      return Sit(r);
    case Action::kSquat:
      return Squat(r);
    case Action::kBow:
      return Bow(r);
    case Action::kWave:
      return Wave(r, side);
    case Action::kKick:
      return key % 2 == 0 ? Talk(r) : Kick(r, r.Chance(0.8) ? side : Other(side));
    case Action::kBox:
      return Box(r, side);
    case Action::kLunge:
      return Lunge(r);
    case Action::kStretch:
      return Stretch(r);
    default: {  // turning on the spot
      BodyPose pose = Talk(r);
      pose[kHeading] = key * (side == kLeft ? 1 : -1) * r.Uniform(0.6, 1.4);
      return pose;
    }
  }
}

}  // namespace links
