#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "links/motion/moving_pose.h"

namespace links {

/// A pinhole camera without distortion.
struct Pinhole {
  double focal_px = 0;
  std::array<double, 2> principal_px{};  ///< where its axis meets the image
};

/// From the axes in which a pose was lifted, as if the camera looked at its root, to the camera's own.
Eigen::Matrix3d TurnToCamera(const Pinhole& camera, const std::array<double, 2>& root_px);

/// Where the root is in the camera's frame, units of the body: as far as makes a unit `scale_px` long.
Eigen::Vector3d RootInCamera(const Pinhole& camera, const MovingPose& pose);

/// The direction from the ankles, or the only one whose leg is straight, to the thorax of a body that stands
/// upright: thorax and feet less than 20 degrees from a line through the hips, a straight leg's knee bent by
/// less than 30. None where it does not, or where a joint of legs or thorax was guessed. Axes as the pose's.
std::optional<Eigen::Vector3d> UpOf(const MovingPose& pose);

/// Which way is up for a camera that does not move, from the people who stand before it.
struct Gravity {
  Eigen::Vector3d up;         ///< unit length, the camera's axes
  double spread_degrees = 0;  ///< median angle between it and the bodies' own directions
  double pitch_degrees = 0;   ///< by how much the camera looks down
  double roll_degrees = 0;    ///< by how much it is turned clockwise about its axis

  /// The mean direction in which those count less that are more than 5 degrees off (Huber). directions: at
  /// least one.
  static Gravity Of(const std::vector<Eigen::Vector3f>& directions);

  /// Turns the camera's axes so that y is down along gravity and z stays in the plane that holds the camera's
  /// axis.
  Eigen::Matrix3d Level() const;
};

/// Height of the ankles above the ground of a standing body, by its unrolled length (Drillis and Contini
/// 1966).
double AnkleHeight(double unrolled_length);

/// The lowest ankle's y where y is down, from the root.
double LowestAnkle(const MovingPose& pose);

/// Turns a pose's joints.
void Turn(const Eigen::Matrix3d& turn, MovingPose& pose);

}  // namespace links
