#pragma once

#include <Eigen/Core>

#include "links/core/random.h"
#include "links/data/virtual_camera.h"

namespace links {

enum Side : int { kLeft = 0, kRight = 1 };

/// Degrees of freedom of a body: radians but where stated. Frame of the body: x forward, y to its left, z up;
/// upright with hanging arms is all zeros. Both sides have the same signs.
enum BodyAngle : int {
  kPositionX,
  kPositionY,
  kLift,     // of the root along the floor, of the feet above it; mm
  kHeading,  // about the vertical, to the left
  kPelvisBend,
  kPelvisLean,  // forward, to the right
  kSpineBend,
  kSpineLean,
  kSpineTwist,  // forward, to the right, to the left
  kChestBend,
  kChestLean,
  kChestTwist,
  kNeckBend,
  kNeckLean,
  kNeckTwist,
  kNod,
  kLegs,              // four of the left, four of the right leg
  kArms = kLegs + 8,  // five of the left, five of the right arm
  kBodyAngles = kArms + 10,
};
enum LegAngle : int { kThighFlex, kThighSpread, kThighTurn, kKnee };  // forward, outward, toes out, backward
enum ArmAngle : int {
  kShrug,
  kArmFlex,
  kArmSpread,
  kArmTurn,
  kElbow
};  // up, forward, outward, inward, forward

/// One configuration of a body.
struct BodyPose : Eigen::Array<double, kBodyAngles, 1> {
  using Base = Eigen::Array<double, kBodyAngles, 1>;
  BodyPose() : Base(Base::Zero()) {}
  template <class Expression>
  BodyPose(const Expression& expression) : Base(expression) {}

  double& Leg(int side, LegAngle angle) { return (*this)[kLegs + 4 * side + angle]; }
  double& Arm(int side, ArmAngle angle) { return (*this)[kArms + 5 * side + angle]; }
  /// Bends the pelvis forward over legs that stay as they are.
  void BendPelvis(double angle_rad);
  /// Brings every joint into its range: knees bend only backwards, elbows only forwards.
  void Limit();
};

/// Bone vectors of a subject in the frames of their parts, mm; left and right are mirror images.
struct BodyShape {
  double hip_half_width, thigh, shank, upper_arm, forearm;
  Eigen::Vector3d spine, chest, neck, head, shoulder;  // `shoulder` is the left one, from the thorax

  static BodyShape Sample(Random& random);
};

/// Forward kinematics: the 17 joints in the world (mm, z up). The lowest part of the body touches the floor,
/// or is `kLift` above it.
WorldPose PoseBody(const BodyShape& shape, const BodyPose& pose);

}  // namespace links
