#include "links/data/mocap_clip.h"

#include <Eigen/Geometry>
#include <numbers>

namespace links {

int MocapClip::Find(const std::string& name) const {
  for (size_t i = 0; i < joints.size(); ++i) {
    if (joints[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

std::vector<JointTransform> ForwardKinematics(const MocapClip& clip, int64_t frame) {
  std::vector<JointTransform> world(clip.joints.size());
  const double* value = clip.values.data() + frame * clip.channels;
  for (size_t i = 0; i < clip.joints.size(); ++i) {
    const MocapJoint& joint = clip.joints[i];
    Eigen::Vector3d position = joint.offset;
    Eigen::Matrix3d rotation = Eigen::Matrix3d::Identity();
    for (const MocapChannel& channel : joint.channels) {
      if (channel.rotation) {
        const double angle_rad = *value++ * std::numbers::pi / 180;
        rotation *= Eigen::AngleAxisd(angle_rad, Eigen::Vector3d::Unit(channel.axis)).toRotationMatrix();
      } else {
        position[channel.axis] = *value++;
      }
    }
    if (joint.axes) rotation = *joint.axes * rotation * joint.axes->transpose();
    if (joint.parent >= 0) {
      const JointTransform& parent = world[joint.parent];
      position = parent.position + parent.rotation * position;
      rotation = parent.rotation * rotation;
    }
    world[i] = {rotation, position};
  }
  return world;
}

}  // namespace links
