#include "links/motion/upright.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <numbers>

namespace links {
namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;

constexpr double kDegree = std::numbers::pi / 180;
constexpr double kStraight = 20 * kDegree, kKnee = 30 * kDegree;  // the most that a standing body is bent by
constexpr double kTrusted = 5 * kDegree;
constexpr int kRounds = 20;
constexpr double kAnkleShare = .039;  // of the height

Vector3d At(const MovingPose& pose, int joint) {
  return {pose.joints[3 * joint], pose.joints[3 * joint + 1], pose.joints[3 * joint + 2]};
}

double Angle(const Vector3d& a, const Vector3d& b) {
  return std::atan2(a.cross(b).norm(), a.dot(b));
}

}  // namespace

Matrix3d TurnToCamera(const Pinhole& camera, const std::array<double, 2>& root_px) {
  const Vector3d ray((root_px[0] - camera.principal_px[0]) / camera.focal_px,
                     (root_px[1] - camera.principal_px[1]) / camera.focal_px, 1);
  return Eigen::Quaterniond::FromTwoVectors(Vector3d::UnitZ(), ray).toRotationMatrix();
}

Vector3d RootInCamera(const Pinhole& camera, const MovingPose& pose) {
  const double depth = camera.focal_px / pose.scale_px;
  return {depth * (pose.root_px[0] - camera.principal_px[0]) / camera.focal_px,
          depth * (pose.root_px[1] - camera.principal_px[1]) / camera.focal_px, depth};
}

std::optional<Vector3d> UpOf(const MovingPose& pose) {
  for (const int joint : {kRHip, kRKnee, kRAnkle, kLHip, kLKnee, kLAnkle, kThorax}) {
    if (!pose.seen[joint]) return std::nullopt;
  }
  Vector3d feet = Vector3d::Zero();
  int straight = 0;
  for (const int hip : {kRHip, kLHip}) {
    const Vector3d thigh = At(pose, hip) - At(pose, hip + 1), shin = At(pose, hip + 1) - At(pose, hip + 2);
    if (Angle(thigh, shin) > kKnee) continue;
    feet += At(pose, hip + 2);
    ++straight;
  }
  if (straight == 0) return std::nullopt;
  feet /= straight;
  const Vector3d hips = (At(pose, kRHip) + At(pose, kLHip)) / 2, thorax = At(pose, kThorax);
  if (Angle(hips - feet, thorax - hips) > kStraight) return std::nullopt;
  return (thorax - feet).normalized();
}

Gravity Gravity::Of(const std::vector<Eigen::Vector3f>& directions) {
  Vector3d up = Vector3d::Zero();
  for (const Eigen::Vector3f& direction : directions) up += direction.cast<double>();
  up.normalize();
  for (int round = 0; round < kRounds; ++round) {
    Vector3d sum = Vector3d::Zero();
    for (const Eigen::Vector3f& direction : directions) {
      const double off = Angle(up, direction.cast<double>());
      sum += std::min(1., kTrusted / std::max(off, 1e-9)) * direction.cast<double>();
    }
    up = sum.normalized();
  }
  std::vector<double> off;
  for (const Eigen::Vector3f& direction : directions) off.push_back(Angle(up, direction.cast<double>()));
  const auto middle = off.begin() + static_cast<ptrdiff_t>(off.size() / 2);
  std::nth_element(off.begin(), middle, off.end());
  return {up, *middle / kDegree, std::asin(std::clamp(-up.z(), -1., 1.)) / kDegree,
          std::atan2(-up.x(), -up.y()) / kDegree};
}

Matrix3d Gravity::Level() const {
  const Vector3d down = -up;
  // A camera that looks straight down is level with the top of its image ahead.
  Vector3d ahead = Vector3d::UnitZ() - down.z() * down;
  if (ahead.norm() < 1e-6) ahead = -Vector3d::UnitY() + down.y() * down;
  ahead.normalize();
  Matrix3d level;
  level.row(0) = down.cross(ahead);
  level.row(1) = down;
  level.row(2) = ahead;
  return level;
}

double AnkleHeight(double unrolled_length) {
  return kAnkleShare / (1 - kAnkleShare) * unrolled_length;
}

double LowestAnkle(const MovingPose& pose) {
  return std::max(pose.joints[3 * kRAnkle + 1], pose.joints[3 * kLAnkle + 1]);
}

void Turn(const Matrix3d& turn, MovingPose& pose) {
  for (int joint = 0; joint < kJoints; ++joint) {
    const Vector3d at = turn * At(pose, joint);
    for (int k = 0; k < 3; ++k) pose.joints[3 * joint + k] = static_cast<float>(at[k]);
  }
}

}  // namespace links
