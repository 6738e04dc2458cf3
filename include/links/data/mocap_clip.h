#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace links {

/// One column of the motion table: a translation along, or a rotation about, axis 0 (x), 1 (y) or 2 (z).
struct MocapChannel {
  bool rotation = false;
  int axis = 0;
};

/// A joint or an end site; the end site of joint A is called "A_End".
struct MocapJoint {
  std::string name;
  int parent = -1;                                   ///< index of an earlier joint, -1 = a root
  Eigen::Vector3d offset = Eigen::Vector3d::Zero();  ///< from the parent, in the parent's frame, file units
  std::optional<Eigen::Matrix3d> axes =
      std::nullopt;  ///< rotations are about these, in the parent's frame; none = its own
  std::vector<MocapChannel> channels = {};  ///< in the order in which they multiply
};

/// A motion capture clip: a skeleton and its motion, in the axes and units of the file.
struct MocapClip {
  std::string path;
  std::vector<MocapJoint> joints;  ///< parents before their children
  int64_t frames = 0;
  int64_t channels = 0;  ///< columns of the motion table
  double fps = 0;
  std::vector<double> values;  ///< (frames, channels) file units and degrees

  /// Index of the joint or end site of that name, -1 = none.
  int Find(const std::string& name) const;
};

/// Where a joint is in a frame, in the axes and units of the file.
struct JointTransform {
  Eigen::Matrix3d rotation;
  Eigen::Vector3d position;
};

/// Forward kinematics of one frame: every joint's world transform. Rotations multiply in the order of the
/// channels, R = R(first) R(second) R(third), on column vectors, between A and its inverse where a joint has
/// axes A; a position channel replaces that coordinate of the offset (as MotionBuilder and Blender do), also
/// below the root.
std::vector<JointTransform> ForwardKinematics(const MocapClip& clip, int64_t frame);

}  // namespace links
