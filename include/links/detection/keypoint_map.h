#pragma once

#include <array>
#include <string>
#include <vector>

#include "links/skeleton/joint_definition.h"
#include "links/skeleton/skeleton.h"

namespace links {

/// The keypoints of one person as a detector gives them.
struct Keypoints {
  std::vector<double> px;          ///< (K, 2) pixels, x right, y down; NaN = missing
  std::vector<double> confidence;  ///< (K) as written by the detector; NaN = missing

  int size() const { return static_cast<int>(confidence.size()); }

  /// Whether keypoint i is there: finite, not at (0, 0), its confidence above 0 and not below the threshold.
  bool IsThere(int i, double min_confidence) const;
};

/// The 17 joints of one person in 2D.
struct Joints2d {
  std::array<float, kJoints * 2> px{};      ///< (17, 2) pixels, x right, y down; 0 where not seen
  std::array<float, kJoints> confidence{};  ///< 0 where not seen
  std::array<bool, kJoints> seen{};
};

/// How the keypoints of a detector become the 17 joints: every joint is a linear combination of keypoints.
/// Read from configs/keypoints/*.yaml.
struct KeypointMap {
  struct Term {
    int keypoint;
    double x_weight, y_weight;
  };

  std::string name;
  std::vector<int> counts;  ///< how many keypoints a person may have; those beyond the map's are ignored
  std::vector<int> also;    ///< counts that are only taken where the map is asked for by name
  bool automatic = true;    ///< false = only where asked for by name
  std::vector<std::string> keypoints;             ///< names, as the detector orders them
  std::vector<std::string> datasets;              ///< MMPose's names of data sets with these keypoints
  std::array<std::vector<Term>, kJoints> joints;  ///< an empty one is never seen
  std::array<bool, kJoints> any{};  ///< the joint is the mean of those of its terms that are there

  /// Whether a person of that many keypoints can be mapped.
  bool Takes(int count) const;
};

/// The shipped maps (configs/keypoints in the share folder), by name. Throws Error when there are none.
const std::vector<KeypointMap>& KeypointMaps();

/// Their names, "aic14, blazepose33, ...".
std::string KeypointMapNames();

/// Reads a map; throws UsageError with file:line for anything unknown, missing or of the wrong kind.
KeypointMap ReadKeypointMap(const std::string& path);

/// A shipped map by its name, or the one of a YAML file; throws UsageError listing the names.
KeypointMap FindKeypointMap(const std::string& name_or_file);

/// The shipped map whose keypoints MMPose's data set of that name has; nullptr = none.
const KeypointMap* KeypointMapOfDataset(const std::string& dataset);

/// The shipped maps that may be meant by so many keypoints, by name.
std::vector<const KeypointMap*> KeypointMapsFor(int keypoints);

/// What a map makes of the keypoints: kDetector where its Head is the nose and its HeadTop of the eyes,
/// kNotStated where only its Head is the nose, else kMocap.
JointDefinition DefinitionOf(const KeypointMap& map);

/// The map with Hip, Spine, Thorax, Head and HeadTop as kDetector has them, made of its keypoints nose,
/// left_eye, right_eye and those of hips and shoulders; as it is where it lacks one of these.
KeypointMap WithDetectorJoints(KeypointMap map);

/// A joint is seen when every keypoint it is made of is there (Keypoints::IsThere), or with `any` one of
/// them; its confidence is the least of theirs. The map must take that many keypoints.
Joints2d MapKeypoints(const KeypointMap& map, const Keypoints& keypoints, double min_confidence);

}  // namespace links
