#include "links/data/body_proportions.h"

#include <Eigen/Geometry>

#include "links/core/error.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

using Eigen::Vector3d;

// Two joints that are `times` as far apart, about their middle.
void Spread(double times, Vector3d& a, Vector3d& b) {
  const Vector3d middle = (a + b) / 2;
  a = middle + times * (a - middle);
  b = middle + times * (b - middle);
}

// A limb `times` as long, of which its first bone has `share`. recorded: its three joints, pose: those to
// set, of which the first is in place.
void SetLimb(double times, double share, const Vector3d* recorded, Vector3d* pose) {
  const Vector3d first = recorded[1] - recorded[0], second = recorded[2] - recorded[1];
  const double length = times * (first.norm() + second.norm());
  pose[1] = pose[0] + share * length * first.normalized();
  pose[2] = pose[1] + (1 - share) * length * second.normalized();
}

}  // namespace

Bodies ParseBodies(const std::string& name) {
  if (name == "recorded") return Bodies::kRecorded;
  if (name == "varied") return Bodies::kVaried;
  throw UsageError("expected the bodies recorded or varied, found '", name, "'");
}

BodyProportions BodyProportions::Draw(Random& random) {
  BodyProportions body;
  for (double* share : {&body.thigh, &body.upper_arm}) *share = random.Normal(*share, 0.012);
  for (double* length : {&body.leg, &body.arm}) *length = random.Normal(1, 0.04);
  for (double* width : {&body.hips, &body.shoulders}) *width = random.Normal(1, 0.06);
  return body;
}

WorldPose BodyProportions::Of(const WorldPose& recorded) const {
  WorldPose pose = recorded;
  Spread(hips, pose[kLHip], pose[kRHip]);
  Spread(shoulders, pose[kLShoulder], pose[kRShoulder]);
  for (const int first : {kRHip, kLHip}) SetLimb(leg, thigh, &recorded[first], &pose[first]);
  for (const int first : {kLShoulder, kRShoulder}) SetLimb(arm, upper_arm, &recorded[first], &pose[first]);
  return pose;
}

}  // namespace links
