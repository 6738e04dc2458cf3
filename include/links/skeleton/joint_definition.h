#pragma once

#include <string>

namespace links {

/// Which points of the body the 17 joints are.
enum class JointDefinition {
  kNotStated,
  kMocap,  ///< motion capture's: Head and HeadTop are the base and the top of the head, Spine and Thorax lie
           ///< in the spine
  kDetector,  ///< what a detector's keypoints make of them (the keypoint map coco17-simple): Head is the
              ///< nose, HeadTop midway of the eyes, Thorax of the shoulders, Hip of the hips, Spine of Thorax
              ///< and Hip
};

/// "" for kNotStated, "mocap", "detector".
std::string NameOf(JointDefinition definition);

/// The definition of that name; throws UsageError for another.
JointDefinition ParseJointDefinition(const std::string& name);

/// Of poses taken together: what both say, or the one that says something; kNotStated where they differ.
JointDefinition Together(JointDefinition a, JointDefinition b);

/// Warns when both are stated and differ. `what` and `other` are whose joints they are ("the run's").
void WarnOfOtherJoints(JointDefinition joints, const std::string& what, JointDefinition others,
                       const std::string& other);

}  // namespace links
