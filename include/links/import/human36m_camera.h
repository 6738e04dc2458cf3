#pragma once

#include <Eigen/Dense>
#include <array>
#include <functional>
#include <string>
#include <vector>

#include "links/import/clip_import.h"

namespace links {

/// A camera of Human3.6M, as its own software and Martinez et al. define it.
struct Human36mCamera {
  std::string name;
  Eigen::Matrix3d rotation;      ///< X_camera = rotation (X_world - position)
  Eigen::Vector3d position;      ///< mm, world
  Eigen::Vector2d focal;         ///< pixels
  Eigen::Vector2d centre;        ///< pixels
  std::array<double, 3> radial;  ///< of r^2, r^4, r^6
  std::array<double, 2>
      tangential;  ///< p0 goes with y, p1 with x (VideoPose3D's code has them the other way)

  Eigen::Vector3d FromWorld(const Eigen::Vector3d& world_mm) const {
    return rotation * (world_mm - position);
  }
  /// Camera frame to pixels, with distortion.
  Eigen::Vector2d Project(const Eigen::Vector3d& point) const;
};

/// Reads camera 0 to 3 of a subject ("S9"); throws Error.
using Human36mCameraReader = std::function<Human36mCamera(const std::string& subject, int camera)>;

/// Cameras from Martinez et al.'s cameras.h5 (subject9/camera1/{R, T, f, c, k, p, Name}; R is stored
/// transposed, Name as character codes) or, for a name that ends in .xml, from Human3.6M's metadata.xml (300
/// numbers in w0). `group` is where the subjects are in the HDF5 file, such as "cameras/". Throws Error when
/// the file cannot be read.
Human36mCameraReader OpenHuman36mCameras(const std::string& path, const std::string& group = "");

/// Cameras with their number from 0.
using Human36mRig = std::vector<std::pair<int, Human36mCamera>>;

/// The subject's cameras, four at most: one that cannot be read is missed. `names` in place of those of the
/// file (empty = the file's).
Human36mRig ReadHuman36mCameras(const Human36mCameraReader& reader, const std::string& subject,
                                const std::vector<std::string>& names, ClipImport& clips);

}  // namespace links
