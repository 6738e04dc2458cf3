#pragma once

#include <vector>

#include "links/data/joint_map.h"
#include "links/data/mocap_clip.h"
#include "links/data/virtual_camera.h"
#include "links/skeleton/joint_definition.h"

namespace links {

/// Makes Hip, Thorax and Spine of the hips and shoulders.
template <class Point>
void SetMiddles(Point* joints) {
  joints[kHip] = (joints[kLHip] + joints[kRHip]) / 2;
  joints[kThorax] = (joints[kLShoulder] + joints[kRShoulder]) / 2;
  joints[kSpine] = (joints[kHip] + joints[kThorax]) / 2;
}

/// Lengths of a body that say where its face is, mm.
struct FaceLengths {
  double leg_mm = 0;   ///< from hip over knee to ankle
  double neck_mm = 0;  ///< from mid-shoulders to Head

  /// Medians over the poses of one body.
  static FaceLengths Of(const std::vector<WorldPose>& poses);
};

/// The detector's joints (JointDefinition::kDetector) of a body with these motion capture joints whose face
/// looks along `ahead`, a unit vector across the head's axis. Nose and eyes are placed by the length of a
/// leg, as files differ in where Head and HeadTop are; the hips, which detectors find on the outside, are a
/// fifth further apart (docs/data.md).
WorldPose DetectorJoints(const WorldPose& mocap, const FaceLengths& lengths, const Eigen::Vector3d& ahead);

/// The same of every frame of a clip (compare MapJoints). The face turns with the clip's head joint; which
/// way it looks in that joint's own frame is told by the shoulders, on average over the clip.
std::vector<WorldPose> MapDetectorJoints(const MocapClip& clip, const JointMap& map);

}  // namespace links
