#include "links/data/virtual_camera.h"

#include <Eigen/Geometry>

#include "links/data/camera_distribution.h"

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
  return CameraDistribution().Draw(random).At(target_mm);
}

void AppendView(const WorldPose& pose, const VirtualCamera& camera, PoseData& out) {
  for (const Eigen::Vector3d& joint : pose) {
    const Eigen::Vector3d in_camera = camera.ToCamera(joint);
    const Eigen::Vector2d pixel = camera.Project(in_camera);
    for (double value : in_camera) out.joints_3d.push_back(static_cast<float>(value));
    for (double value : pixel) out.keypoints_2d.push_back(static_cast<float>(value));
  }
}

void AppendView(const WorldPose& pose, Random& random, PoseData& out) {
  AppendView(pose, RandomCamera(pose[kRoot], random), out);
}

}  // namespace links
