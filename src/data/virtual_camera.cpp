#include "links/data/virtual_camera.h"

#include <Eigen/Geometry>

namespace links {

VirtualCamera LookAt(const Eigen::Vector3d& position_mm, const Eigen::Vector3d& target_mm) {
  const Eigen::Vector3d forward = (target_mm - position_mm).normalized();
  const Eigen::Vector3d right = forward.cross(Eigen::Vector3d::UnitZ()).normalized();
  VirtualCamera camera;
  camera.position_mm = position_mm;
  camera.cam_from_world.row(0) = right;
  camera.cam_from_world.row(1) = forward.cross(right);
  camera.cam_from_world.row(2) = forward;
  return camera;
}

VirtualCamera RandomCamera(const Eigen::Vector3d& target_mm, Random& random) {
  const double azimuth = random.Uniform(-std::numbers::pi, std::numbers::pi);
  const double distance_mm = random.Uniform(4000, 6000);
  const double height_mm = random.Uniform(1400, 1700);
  return LookAt({target_mm.x() + distance_mm * std::cos(azimuth),
                 target_mm.y() + distance_mm * std::sin(azimuth), height_mm},
                target_mm);
}

void AppendView(const WorldPose& pose, Random& random, PoseData& out) {
  const VirtualCamera camera = RandomCamera(pose[kRoot], random);
  for (const Eigen::Vector3d& joint : pose) {
    const Eigen::Vector3d in_camera = camera.ToCamera(joint);
    const Eigen::Vector2d pixel = camera.Project(in_camera);
    for (double value : in_camera) out.joints_3d.push_back(static_cast<float>(value));
    for (double value : pixel) out.keypoints_2d.push_back(static_cast<float>(value));
  }
}

}  // namespace links
