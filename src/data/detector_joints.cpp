#include "links/data/detector_joints.h"

#include <Eigen/Geometry>
#include <utility>

#include "median.h"

namespace links {
namespace {

using Eigen::Vector3d;

// Of nose and eyes, in lengths of a leg from hip to ankle (0.491 of the stature, Drillis and Contini 1966):
// along the way from mid-shoulders over the base of the head, and ahead of the head's axis.
constexpr double kNoseUp = .262, kNoseAhead = .132, kEyesUp = .3, kEyesAhead = .1;
constexpr double kHipsApart = 1.2;  // of those of motion capture
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

FaceLengths FaceLengths::Of(const std::vector<WorldPose>& poses) {
  std::vector<double> legs, necks;
  for (const WorldPose& pose : poses) {
    double both = 0;
    for (const int hip : {kRHip, kLHip}) {
      both += (pose[hip] - pose[hip + 1]).norm() + (pose[hip + 1] - pose[hip + 2]).norm();
    }
    legs.push_back(both / 2);
    necks.push_back((pose[kHead] - (pose[kLShoulder] + pose[kRShoulder]) / 2).norm());
  }
  return {Median(std::move(legs)), Median(std::move(necks))};
}

WorldPose DetectorJoints(const WorldPose& mocap, const FaceLengths& lengths, const Vector3d& ahead) {
  WorldPose pose = mocap;
  const Vector3d up = (mocap[kHeadTop] - mocap[kHead]).normalized();
  const auto on_head = [&](double along, double before) -> Vector3d {
    return mocap[kHead] + (along * lengths.leg_mm - lengths.neck_mm) * up + before * lengths.leg_mm * ahead;
  };
  pose[kHead] = on_head(kNoseUp, kNoseAhead);
  pose[kHeadTop] = on_head(kEyesUp, kEyesAhead);
  const Vector3d wider = (kHipsApart - 1) / 2 * (mocap[kLHip] - mocap[kRHip]);
  pose[kLHip] += wider;
  pose[kRHip] -= wider;
  SetMiddles(pose.data());
  return pose;
}

std::vector<WorldPose> MapDetectorJoints(const MocapClip& clip, const JointMap& map) {
  std::vector<WorldPose> poses = MapJoints(clip, map);
  const std::vector<Eigen::Matrix3d> turns = WorldRotations(clip, map, kHead);
  Vector3d in_head = Vector3d::Zero();
  for (size_t i = 0; i < poses.size(); ++i) in_head += turns[i].transpose() * AheadOfShoulders(poses[i]);
  const FaceLengths lengths = FaceLengths::Of(poses);
  for (size_t i = 0; i < poses.size(); ++i) {
    const Vector3d up = poses[i][kHeadTop] - poses[i][kHead];
    const Vector3d ahead = Across(turns[i] * in_head, up);
    poses[i] = DetectorJoints(poses[i], lengths, ahead.isZero() ? AheadOfShoulders(poses[i]) : ahead);
  }
  return poses;
}

}  // namespace links
