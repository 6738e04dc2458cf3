#pragma once

#include <Eigen/Core>
#include <array>

#include "links/core/random.h"
#include "links/data/pose_file.h"
#include "links/skeleton/skeleton.h"

namespace links {

/// The 17 joints in the world: mm, right-handed, z up, the floor at z = 0.
using WorldPose = std::array<Eigen::Vector3d, kJoints>;

/// A camera as those of Human3.6M: x right, y down, z forward, square pixels, no lens distortion.
struct VirtualCamera {
  Eigen::Matrix3d cam_from_world = Eigen::Matrix3d::Identity();  ///< rotation
  Eigen::Vector3d position_mm = Eigen::Vector3d::Zero();         ///< in the world
  double focal_px = 1145;
  double centre_px = 500;  ///< of an image of 1000 x 1000

  Eigen::Vector3d ToCamera(const Eigen::Vector3d& world_mm) const {
    return cam_from_world * (world_mm - position_mm);
  }
  Eigen::Vector2d Project(const Eigen::Vector3d& camera_mm) const {
    return focal_px / camera_mm.z() * camera_mm.head<2>() + Eigen::Vector2d::Constant(centre_px);
  }
};

/// An upright camera at `position_mm` whose optical axis goes through `target_mm` (not straight above or
/// below).
VirtualCamera LookAt(const Eigen::Vector3d& position_mm, const Eigen::Vector3d& target_mm);

/// A camera that looks at `target_mm` from any azimuth, 4 to 6 m away along the floor and 1.4 to 1.7 m above
/// it: one of CameraDistribution's "human36m".
VirtualCamera RandomCamera(const Eigen::Vector3d& target_mm, Random& random);

/// Appends the pose as the camera sees it: pixels and camera-frame joints.
void AppendView(const WorldPose& pose, const VirtualCamera& camera, PoseData& out);

/// The same as a new random camera, aimed at its root, sees it. Every pose has a camera of its own, so that
/// the distance holds however far the person walks.
void AppendView(const WorldPose& pose, Random& random, PoseData& out);

}  // namespace links
