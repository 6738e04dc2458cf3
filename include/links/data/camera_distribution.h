#pragma once

#include <optional>
#include <string>

#include "links/core/distribution.h"
#include "links/data/virtual_camera.h"

namespace links {

/// A parameter of a virtual camera: what it may be.
struct CameraLimits {
  double least, most;
};

inline constexpr CameraLimits kDistanceLimits = {1500, 1e6};  // mm
inline constexpr CameraLimits kHeightLimits = {0, 1e5};       // mm
inline constexpr CameraLimits kPitchLimits = {-80, 80};       // degrees
inline constexpr CameraLimits kRollLimits = {-180, 180};      // degrees
inline constexpr CameraLimits kOffAxisLimits = {-40, 40};     // degrees
inline constexpr CameraLimits kFocalLimits = {10, 1e5};       // px
inline constexpr CameraLimits kSizeLimits = {1, 1e4};         // px

/// Where a camera stands and how it is turned against the person that it sees.
struct CameraPlacement {
  double azimuth_rad = 0;
  double distance_mm = 0;            ///< along the floor
  std::optional<double> height_mm;   ///< above the floor, or
  double pitch_rad = 0;              ///< of the line of sight, downwards
  double roll_rad = 0;               ///< clockwise, seen from behind the camera
  double right_rad = 0, up_rad = 0;  ///< where the optical axis passes the person
  std::optional<double> focal_px;    ///< or
  double px_per_metre = 0;           ///< at the person

  /// The camera of someone whose root is at `target_mm`: it goes along with them.
  VirtualCamera At(const Eigen::Vector3d& target_mm) const;
};

/// What virtual cameras are drawn from. One of height and pitch is set, and one of focal length and size.
struct CameraDistribution {
  Distribution distance_mm = Distribution::Uniform(4000, 6000);  ///< along the floor
  std::optional<Distribution> height_mm = Distribution::Uniform(1400, 1700);
  std::optional<Distribution> pitch_deg;
  Distribution roll_deg = Distribution::Always(0);
  Distribution off_axis_deg = Distribution::Always(0);  ///< each of: to the right, upwards
  std::optional<Distribution> focal_px = Distribution::Always(1145);
  std::optional<Distribution> px_per_metre;
  double seconds = 0;  ///< of motion with one camera; 0 = another for each pose

  /// "human36m": like that data set's cameras; "wild": like people's own videos (docs/data.md has the
  /// numbers and their reasons). Throws UsageError for another name.
  static CameraDistribution Named(const std::string& name);

  CameraPlacement Draw(Random& random) const;

  /// What it says, for people.
  std::string Text() const;
};

}  // namespace links
