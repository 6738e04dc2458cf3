#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

namespace links {

/// One column of the motion table: a translation along, or a rotation about, axis 0 (x), 1 (y) or 2 (z).
struct BvhChannel {
  bool rotation = false;
  int axis = 0;
};

/// A joint or an end site; the end site of joint A is called "A_End".
struct BvhJoint {
  std::string name;
  int parent = -1;                                   ///< index of an earlier joint, -1 = a root
  Eigen::Vector3d offset = Eigen::Vector3d::Zero();  ///< from the parent, in the parent's frame, file units
  std::vector<BvhChannel> channels;                  ///< in the order of the file
};

/// A motion capture clip in Biovision's BVH format.
struct BvhClip {
  std::string path;
  std::vector<BvhJoint> joints;  ///< parents before their children
  int64_t frames = 0;
  int64_t channels = 0;  ///< columns of the motion table
  double fps = 0;
  std::vector<double> values;  ///< (frames, channels) file units and degrees

  /// Index of the joint or end site of that name, -1 = none.
  int Find(const std::string& name) const;
};

/// Reads a BVH file; throws Error with file:line for anything malformed or inconsistent.
BvhClip ReadBvh(const std::string& path);

/// The same from text; `origin` stands for the file's name in messages.
BvhClip ParseBvh(const std::string& text, const std::string& origin);

/// Where a joint is in a frame, in the axes and units of the file.
struct BvhTransform {
  Eigen::Matrix3d rotation;
  Eigen::Vector3d position;
};

/// Forward kinematics of one frame: every joint's world transform. Rotations multiply in the order of the
/// channels, R = R(first) R(second) R(third), on column vectors; a position channel replaces that coordinate
/// of the offset (as MotionBuilder and Blender do), also below the root.
std::vector<BvhTransform> ForwardKinematics(const BvhClip& clip, int64_t frame);

}  // namespace links
