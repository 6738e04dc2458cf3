#pragma once

#include <Eigen/Core>
#include <array>
#include <string>
#include <vector>

#include "links/data/mocap_clip.h"
#include "links/data/virtual_camera.h"

namespace links {

/// Where one of the 17 joints is in a skeleton: at `first` + `offset` in its frame, or midway to
/// `second`. "A | B" is the first of these joints that the file has.
struct JointSource {
  std::string first;
  std::string second;                                ///< "" = none
  Eigen::Vector3d offset = Eigen::Vector3d::Zero();  ///< file units
};

/// How the joints of a family of files become the 17 joints, read from configs/joints/*.yaml.
struct JointMap {
  std::string name;
  double unit_mm = 1;              ///< millimetres in a unit of the file
  char up = 'y';                   ///< the file's vertical axis: 'y' or 'z'
  std::vector<std::string> needs;  ///< further joints that such a file has
  std::array<JointSource, kJoints> joints;

  /// The first joint of the map that the clip lacks, "" = none.
  std::string MissingFrom(const MocapClip& clip) const;
};

/// Reads a joint map; throws UsageError with file:line for anything unknown, missing or of the wrong kind.
JointMap ReadJointMap(const std::string& path);

/// The maps that `--map` asks for: "auto" = all shipped ones, a shipped one's name, or a YAML file.
/// The shipped ones are configs/joints/*.yaml in $LINKS_SHARE, in the installed share folder, or in the
/// source tree.
std::vector<JointMap> FindJointMaps(const std::string& name_or_file);

/// The maps whose joints the clip has all; throws Error naming what each lacks and what the clip has.
std::vector<const JointMap*> FittingJointMaps(const std::vector<JointMap>& maps, const MocapClip& clip);

/// The 17 joints of every frame of the clip, in the world (mm, z up; a file with y up turns (x, y, z) to (z,
/// x, y)).
std::vector<WorldPose> MapJoints(const MocapClip& clip, const JointMap& map);

/// How the joint of the file that the map takes for this one of the 17 is turned in every frame: from its own
/// frame to the world (z up).
std::vector<Eigen::Matrix3d> WorldRotations(const MocapClip& clip, const JointMap& map, int joint);

}  // namespace links
