#include "links/data/joint_map.h"

#include <algorithm>
#include <filesystem>

#include "../config/yaml_file.h"
#include "links/core/error.h"
#include "links/core/nearest.h"
#include "links/core/share.h"
#include "links/core/text.h"

namespace links {
namespace {

class MapReader {
 public:
  explicit MapReader(const std::string& path) : file_(path, "a joint map") {}

  JointMap Read() const {
    const YAML::Node root = file_.Load();
    file_.CheckKeys(root, {"name", "unit_mm", "up", "needs", "joints"}, "key of a joint map");
    JointMap map;
    map.name = file_.Text(file_.Required(root, "name"), "a name");
    map.unit_mm = file_.Number(file_.Required(root, "unit_mm"));
    if (!(map.unit_mm > 0)) file_.Fail(root["unit_mm"], "unit_mm must be above 0");
    const std::string up = file_.Text(file_.Required(root, "up"), "y or z");
    if (up != "y" && up != "z") file_.Fail(root["up"], "up must be y or z");
    map.up = up[0];
    if (root["needs"]) {
      if (!root["needs"].IsSequence()) file_.Fail(root["needs"], "expected a list of joints");
      for (const YAML::Node& joint : root["needs"])
        map.needs.push_back(file_.Text(joint, "the name of a joint"));
    }
    const YAML::Node joints = file_.Required(root, "joints");
    file_.CheckKeys(joints, {kJointNames.begin(), kJointNames.end()}, "joint");
    for (int joint = 0; joint < kJoints; ++joint) {
      map.joints[joint] = Source(file_.Required(joints, std::string(kJointNames[joint])));
    }
    return map;
  }

 private:
  JointSource Source(const YAML::Node& node) const {
    constexpr const char* kExpected = "a joint, [joint, joint], or {joint: ..., offset: [x, y, z]}";
    JointSource source;
    if (node.IsMap()) {
      file_.CheckKeys(node, {"joint", "offset"}, "key");
      source.first = file_.Text(file_.Required(node, "joint"), "the name of a joint");
      const YAML::Node offset = file_.Required(node, "offset");
      if (!offset.IsSequence() || offset.size() != 3) file_.Fail(offset, "expected three numbers");
      for (int k = 0; k < 3; ++k) source.offset[k] = file_.Number(offset[k]);
    } else if (node.IsSequence()) {
      if (node.size() != 2) file_.Fail(node, Concat("expected ", kExpected));
      source.first = file_.Text(node[0], "the name of a joint");
      source.second = file_.Text(node[1], "the name of a joint");
    } else {
      source.first = file_.Text(node, kExpected);
    }
    return source;
  }

  YamlFile file_;
};

/// The first of "A | B | C" that the clip has, -1 = none.
int FindAny(const MocapClip& clip, const std::string& names) {
  for (size_t begin = 0; begin <= names.size();) {
    const size_t bar = std::min(names.find('|', begin), names.size());
    const size_t first = names.find_first_not_of(' ', begin);
    if (first < bar) {
      const int joint = clip.Find(names.substr(first, names.find_last_not_of(' ', bar - 1) + 1 - first));
      if (joint >= 0) return joint;
    }
    begin = bar + 1;
  }
  return -1;
}

}  // namespace

std::string JointMap::MissingFrom(const MocapClip& clip) const {
  for (const JointSource& joint : joints) {
    if (FindAny(clip, joint.first) < 0) return joint.first;
    if (!joint.second.empty() && FindAny(clip, joint.second) < 0) return joint.second;
  }
  for (const std::string& joint : needs) {
    if (clip.Find(joint) < 0) return joint;
  }
  return "";
}

JointMap ReadJointMap(const std::string& path) {
  return MapReader(path).Read();
}

std::vector<JointMap> FindJointMaps(const std::string& name_or_file) {
  if (NamesYamlFile(name_or_file)) return {ReadJointMap(name_or_file)};
  std::vector<JointMap> maps;
  std::vector<std::string> names = {"auto"};
  for (const std::string& file : ShippedYamlFiles("configs/joints", "joint maps")) {
    names.push_back(std::filesystem::path(file).stem().string());
    if (name_or_file == "auto" || name_or_file == names.back()) maps.push_back(ReadJointMap(file));
  }
  if (maps.empty()) {
    throw UsageError("unknown joint map '", name_or_file, "'", DidYouMean(name_or_file, names), ", expected ",
                     Join(names, ", "), ", or a YAML file");
  }
  return maps;
}

std::vector<const JointMap*> FittingJointMaps(const std::vector<JointMap>& maps, const MocapClip& clip) {
  std::vector<const JointMap*> fitting;
  std::vector<std::string> reasons;
  for (const JointMap& map : maps) {
    const std::string missing = map.MissingFrom(clip);
    if (missing.empty()) fitting.push_back(&map);
    reasons.push_back(Concat("'", map.name, "' needs the joint '", missing, "'"));
  }
  if (!fitting.empty()) return fitting;
  std::string joints;
  for (const MocapJoint& joint : clip.joints) {
    if (joints.size() < 400) joints += (joints.empty() ? "" : ", ") + joint.name.substr(0, 40);
  }
  throw Error(clip.path, ": no joint map fits this skeleton: ", Join(reasons, ", "), "; found the joints ",
              joints, " (--map FILE.yaml names them, like configs/joints/cmu.yaml)");
}

namespace {

Eigen::Vector3d ToWorld(const Eigen::Vector3d& in_file, const JointMap& map) {
  return map.up == 'y' ? Eigen::Vector3d(in_file.z(), in_file.x(), in_file.y()) : in_file;
}

}  // namespace

std::vector<WorldPose> MapJoints(const MocapClip& clip, const JointMap& map) {
  std::array<std::pair<int, int>, kJoints> index;
  for (int joint = 0; joint < kJoints; ++joint) {
    index[joint] = {FindAny(clip, map.joints[joint].first), FindAny(clip, map.joints[joint].second)};
  }
  std::vector<WorldPose> poses(clip.frames);
  for (int64_t frame = 0; frame < clip.frames; ++frame) {
    const std::vector<JointTransform> world = ForwardKinematics(clip, frame);
    for (int joint = 0; joint < kJoints; ++joint) {
      const JointTransform& first = world[index[joint].first];
      Eigen::Vector3d point = first.position + first.rotation * map.joints[joint].offset;
      if (!map.joints[joint].second.empty()) point = 0.5 * (point + world[index[joint].second].position);
      point *= map.unit_mm;
      poses[frame][joint] = ToWorld(point, map);
    }
  }
  return poses;
}

std::vector<Eigen::Matrix3d> WorldRotations(const MocapClip& clip, const JointMap& map, int joint) {
  const int index = FindAny(clip, map.joints[joint].first);
  std::vector<Eigen::Matrix3d> rotations(clip.frames);
  for (int64_t frame = 0; frame < clip.frames; ++frame) {
    const Eigen::Matrix3d in_file = ForwardKinematics(clip, frame)[index].rotation;
    for (int k = 0; k < 3; ++k) rotations[frame].col(k) = ToWorld(in_file.col(k), map);
  }
  return rotations;
}

}  // namespace links
