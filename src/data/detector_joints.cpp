#include "links/data/detector_joints.h"

#include <Eigen/Geometry>
#include <cmath>

#include "links/core/error.h"

namespace links {
namespace {

using Eigen::Vector3d;

// Along the head's axis and ahead of it, in lengths of the axis from Head to HeadTop.
constexpr double kNoseUp = .35, kNoseAhead = .5, kEyesUp = .55, kEyesAhead = .42;
constexpr double kNowhere = 1e-6;

/// The part of `direction` across `axis`, as a unit vector; 0 where there is none.
Vector3d Across(const Vector3d& direction, const Vector3d& axis) {
  const Vector3d unit = axis.norm() > 0 ? axis.normalized() : Vector3d::Zero();
  const Vector3d across = direction - direction.dot(unit) * unit;
  return across.norm() > kNowhere * direction.norm() ? across.normalized() : Vector3d::Zero();
}

/// Where somebody looks whose head is straight on the shoulders.
Vector3d AheadOfShoulders(const WorldPose& pose) {
  const Vector3d up = pose[kHeadTop] - pose[kHead];
  return Across((pose[kLShoulder] - pose[kRShoulder]).cross(up), up);
}

}  // namespace

JointDefinition ParseJointDefinition(const std::string& name) {
  if (name == "mocap") return JointDefinition::kMocap;
  if (name == "detector") return JointDefinition::kDetector;
  throw UsageError("expected the joints mocap or detector, found '", name, "'");
}

std::string NameOf(JointDefinition definition) {
  return definition == JointDefinition::kMocap ? "mocap" : "detector";
}

WorldPose DetectorJoints(const WorldPose& mocap, const Vector3d& ahead) {
  WorldPose pose = mocap;
  const Vector3d up = mocap[kHeadTop] - mocap[kHead];
  const Vector3d forward = up.norm() * ahead;
  pose[kHead] = mocap[kHead] + kNoseUp * up + kNoseAhead * forward;
  pose[kHeadTop] = mocap[kHead] + kEyesUp * up + kEyesAhead * forward;
  SetMiddles(pose.data());
  return pose;
}

std::vector<WorldPose> MapDetectorJoints(const BvhClip& clip, const JointMap& map) {
  std::vector<WorldPose> poses = MapJoints(clip, map);
  const std::vector<Eigen::Matrix3d> turns = WorldRotations(clip, map, kHead);
  Vector3d in_head = Vector3d::Zero();
  for (size_t i = 0; i < poses.size(); ++i) in_head += turns[i].transpose() * AheadOfShoulders(poses[i]);
  for (size_t i = 0; i < poses.size(); ++i) {
    const Vector3d up = poses[i][kHeadTop] - poses[i][kHead];
    const Vector3d ahead = Across(turns[i] * in_head, up);
    poses[i] = DetectorJoints(poses[i], ahead.isZero() ? AheadOfShoulders(poses[i]) : ahead);
  }
  return poses;
}

}  // namespace links
