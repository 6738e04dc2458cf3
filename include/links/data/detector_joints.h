#pragma once

#include <string>
#include <vector>

#include "links/data/bvh.h"
#include "links/data/joint_map.h"
#include "links/data/virtual_camera.h"

namespace links {

/// Which points of the body the 17 joints are: those of motion capture (Human3.6M's: Head and HeadTop are the
/// base and the top of the head, Spine and Thorax joints of the spine), or what a detector's keypoints make
/// of them (the keypoint map coco17-simple: Head is the nose, HeadTop midway of the eyes, Thorax of the
/// shoulders, Hip of the hips, Spine of Thorax and Hip).
enum class JointDefinition { kMocap, kDetector };

/// "mocap" or "detector"; throws UsageError for another name.
JointDefinition ParseJointDefinition(const std::string& name);
std::string NameOf(JointDefinition definition);

/// Makes Hip, Thorax and Spine of the hips and shoulders.
template <class Point>
void SetMiddles(Point* joints) {
  joints[kHip] = (joints[kLHip] + joints[kRHip]) / 2;
  joints[kThorax] = (joints[kLShoulder] + joints[kRShoulder]) / 2;
  joints[kSpine] = (joints[kHip] + joints[kThorax]) / 2;
}

/// The detector's joints of a body with these motion capture joints whose face looks along `ahead`, a unit
/// vector across the head's axis.
WorldPose DetectorJoints(const WorldPose& mocap, const Eigen::Vector3d& ahead);

/// The same of every frame of a clip (compare MapJoints). The face turns with the clip's head joint; which
/// way it looks in that joint's own frame is told by the shoulders, on average over the clip.
std::vector<WorldPose> MapDetectorJoints(const BvhClip& clip, const JointMap& map);

}  // namespace links
