#include "body_model.h"

#include <Eigen/Geometry>
#include <algorithm>

namespace links {
namespace {

Eigen::Matrix3d Turn(double angle_rad, int axis) {
  return Eigen::AngleAxisd(angle_rad, Eigen::Vector3d::Unit(axis)).toRotationMatrix();
}

/// Forward bend, lean to the right, twist to the left.
Eigen::Matrix3d Bend(double bend, double lean, double twist) {
  return Turn(bend, 1) * Turn(lean, 0) * Turn(twist, 2);
}

/// How high each joint is when the body part around it rests on the floor, mm.
double Clearance(int joint) {
  switch (joint) {
    case kRAnkle:
    case kLAnkle:
      return 80;
    case kRKnee:
    case kLKnee:
      return 60;
    case kRWrist:
    case kLWrist:
      return 30;
    case kHeadTop:
      return 0;
    default:
      return 100;
  }
}

}  // namespace

void BodyPose::BendPelvis(double angle_rad) {
  (*this)[kPelvisBend] += angle_rad;
  for (int side : {kLeft, kRight}) Leg(side, kThighFlex) += angle_rad;
}

void BodyPose::Limit() {
  const auto limit = [](double& angle, double low, double high) { angle = std::clamp(angle, low, high); };
  for (int side : {kLeft, kRight}) {
    limit(Leg(side, kKnee), 0.04, 2.5);
    limit(Leg(side, kThighFlex), -0.6, 2.3);
    limit(Leg(side, kThighSpread), -0.35, 1.1);
    limit(Arm(side, kElbow), 0.06, 2.5);
    limit(Arm(side, kArmFlex), -0.9, 3.0);
    limit(Arm(side, kArmSpread), -0.7, 2.9);
    limit(Arm(side, kArmTurn), -1.3, 1.5);
  }
}

BodyShape BodyShape::Sample(Random& random) {
  const double height_mm = random.Uniform(1560, 1920);
  const auto part = [&](double share) { return height_mm * share * random.Uniform(0.94, 1.06); };
  BodyShape shape;
  shape.hip_half_width = part(0.072);
  shape.thigh = part(0.25);
  shape.shank = part(0.25);
  shape.upper_arm = part(0.16);
  shape.forearm = part(0.143);
  shape.spine = part(0.133) * Eigen::Vector3d(-0.08, 0, 1).normalized();
  shape.chest = part(0.145) * Eigen::Vector3d(0.02, 0, 1).normalized();
  shape.neck = part(0.068) * Eigen::Vector3d(0.4, 0, 1).normalized();
  shape.head = part(0.066) * Eigen::Vector3d(-0.2, 0, 1).normalized();
  shape.shoulder = part(0.087) * Eigen::Vector3d(-0.05, 1, -0.1).normalized();
  return shape;
}

WorldPose PoseBody(const BodyShape& shape, const BodyPose& pose) {
  const Eigen::Vector3d down = -Eigen::Vector3d::UnitZ();
  const Eigen::Matrix3d pelvis = Turn(pose[kHeading], 2) * Bend(pose[kPelvisBend], pose[kPelvisLean], 0);
  const Eigen::Matrix3d spine = pelvis * Bend(pose[kSpineBend], pose[kSpineLean], pose[kSpineTwist]);
  const Eigen::Matrix3d chest = spine * Bend(pose[kChestBend], pose[kChestLean], pose[kChestTwist]);
  const Eigen::Matrix3d neck = chest * Bend(pose[kNeckBend], pose[kNeckLean], pose[kNeckTwist]);
  WorldPose joints;
  joints[kHip].setZero();
  joints[kSpine] = spine * shape.spine;
  joints[kThorax] = joints[kSpine] + chest * shape.chest;
  joints[kHead] = joints[kThorax] + neck * shape.neck;
  joints[kHeadTop] = joints[kHead] + neck * Turn(pose[kNod], 1) * shape.head;
  for (int side : {kLeft, kRight}) {
    const double sign = side == kLeft ? 1 : -1;
    const auto leg = [&](LegAngle angle) { return pose[kLegs + 4 * side + angle]; };
    const auto arm = [&](ArmAngle angle) { return pose[kArms + 5 * side + angle]; };
    const int hip = side == kLeft ? kLHip : kRHip, shoulder = side == kLeft ? kLShoulder : kRShoulder;
    const Eigen::Matrix3d thigh = pelvis * Turn(-leg(kThighFlex), 1) * Turn(sign * leg(kThighSpread), 0) *
                                  Turn(sign * leg(kThighTurn), 2);
    joints[hip] = pelvis * Eigen::Vector3d(0, sign * shape.hip_half_width, 0);
    joints[hip + 1] = joints[hip] + thigh * down * shape.thigh;
    joints[hip + 2] = joints[hip + 1] + thigh * Turn(leg(kKnee), 1) * down * shape.shank;
    const Eigen::Matrix3d upper_arm =
        chest * Turn(sign * arm(kArmSpread), 0) * Turn(-arm(kArmFlex), 1) * Turn(-sign * arm(kArmTurn), 2);
    const Eigen::Vector3d mirrored(shape.shoulder.x(), sign * shape.shoulder.y(), shape.shoulder.z());
    joints[shoulder] = joints[kThorax] + chest * Turn(sign * arm(kShrug), 0) * mirrored;
    joints[shoulder + 1] = joints[shoulder] + upper_arm * down * shape.upper_arm;
    joints[shoulder + 2] = joints[shoulder + 1] + upper_arm * Turn(-arm(kElbow), 1) * down * shape.forearm;
  }
  double height = 0;
  for (int joint = 0; joint < kJoints; ++joint)
    height = std::max(height, Clearance(joint) - joints[joint].z());
  for (Eigen::Vector3d& joint : joints)
    joint += Eigen::Vector3d(pose[kPositionX], pose[kPositionY], height + pose[kLift]);
  return joints;
}

}  // namespace links
