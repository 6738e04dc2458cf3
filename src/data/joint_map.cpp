#include "links/data/joint_map.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "links/core/error.h"
#include "links/core/nearest.h"

namespace links {
namespace {

namespace fs = std::filesystem;

/// Reads one YAML file; messages carry file:line.
class MapReader {
 public:
  explicit MapReader(const std::string& path) : path_(path) {}

  JointMap Read() {
    const YAML::Node root = Load();
    CheckKeys(root, {"name", "unit_mm", "up", "joints"}, "key of a joint map");
    JointMap map;
    map.name = Text(Required(root, "name"), "a name");
    map.unit_mm = Number(Required(root, "unit_mm"));
    if (!(map.unit_mm > 0)) Fail(root["unit_mm"], "unit_mm must be above 0");
    const std::string up = Text(Required(root, "up"), "y or z");
    if (up != "y" && up != "z") Fail(root["up"], "up must be y or z");
    map.up = up[0];
    const YAML::Node joints = Required(root, "joints");
    CheckKeys(joints, {kJointNames.begin(), kJointNames.end()}, "joint");
    for (int joint = 0; joint < kJoints; ++joint) {
      map.joints[joint] = Source(Required(joints, std::string(kJointNames[joint])));
    }
    return map;
  }

 private:
  YAML::Node Load() {
    try {
      return YAML::LoadFile(path_);
    } catch (const YAML::ParserException& error) {
      throw UsageError(path_, ":", error.mark.line + 1, ": expected YAML, found a mistake: ", error.msg);
    } catch (const YAML::Exception&) {
      throw UsageError(path_, ": expected a joint map (YAML) that can be read");
    }
  }

  template <class Message>
  [[noreturn]] void Fail(const YAML::Node& node, const Message& message) const {
    throw UsageError(path_, ":", node.Mark().line + 1, ": ", message);
  }

  void CheckKeys(const YAML::Node& node, const std::vector<std::string>& known,
                 const std::string& what) const {
    if (!node.IsMap()) Fail(node, "expected keys with values (" + known.front() + ", ...)");
    for (const auto& entry : node) {
      const std::string key = Text(entry.first, "a key");
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        Fail(entry.first, "unknown " + what + " '" + key + "'" + DidYouMean(key, known));
      }
    }
  }

  YAML::Node Required(const YAML::Node& node, const std::string& key) const {
    const YAML::Node value = node[key];
    if (!value) Fail(node, "'" + key + "' is missing");
    return value;
  }

  std::string Text(const YAML::Node& node, const std::string& expected) const {
    if (!node.IsScalar() || node.Scalar().empty()) Fail(node, "expected " + expected);
    return node.Scalar();
  }

  double Number(const YAML::Node& node) const {
    double value = 0;
    if (!node.IsScalar() || !YAML::convert<double>::decode(node, value) || !std::isfinite(value)) {
      Fail(node, "expected a number");
    }
    return value;
  }

  JointSource Source(const YAML::Node& node) const {
    constexpr const char* kExpected = "a joint, [joint, joint], or {joint: ..., offset: [x, y, z]}";
    JointSource source;
    if (node.IsMap()) {
      CheckKeys(node, {"joint", "offset"}, "key");
      source.first = Text(Required(node, "joint"), "the name of a joint");
      const YAML::Node offset = Required(node, "offset");
      if (!offset.IsSequence() || offset.size() != 3) Fail(offset, "expected three numbers");
      for (int k = 0; k < 3; ++k) source.offset[k] = Number(offset[k]);
    } else if (node.IsSequence()) {
      if (node.size() != 2) Fail(node, Concat("expected ", kExpected));
      source.first = Text(node[0], "the name of a joint");
      source.second = Text(node[1], "the name of a joint");
    } else {
      source.first = Text(node, kExpected);
    }
    return source;
  }

  std::string path_;
};

/// The folder of the shipped maps: in $LINKS_SHARE, installed beside the running program, or in the source
/// tree.
fs::path MapFolder() {
  if (const char* share = std::getenv("LINKS_SHARE"); share != nullptr && *share != '\0') {
    return fs::path(share) / "configs/bvh";
  }
  std::error_code unknown;
  const fs::path program = fs::read_symlink("/proc/self/exe", unknown);
  const fs::path installed = program.parent_path().parent_path() / "share/links/configs/bvh";
  return fs::is_directory(installed, unknown) ? installed : fs::path(LINKS_SOURCE_DIR) / "configs/bvh";
}

}  // namespace

std::string JointMap::MissingFrom(const BvhClip& clip) const {
  for (const JointSource& joint : joints) {
    if (clip.Find(joint.first) < 0) return joint.first;
    if (!joint.second.empty() && clip.Find(joint.second) < 0) return joint.second;
  }
  return "";
}

JointMap ReadJointMap(const std::string& path) {
  return MapReader(path).Read();
}

std::vector<JointMap> FindJointMaps(const std::string& name_or_file) {
  if (name_or_file.ends_with(".yaml") || name_or_file.ends_with(".yml")) return {ReadJointMap(name_or_file)};
  const fs::path folder = MapFolder();
  std::vector<fs::path> files;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder, missing)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  if (files.empty()) {
    throw Error(folder.string(),
                ": expected joint maps (*.yaml) here, found none; LINKS_SHARE may name the folder "
                "that holds configs/bvh");
  }
  std::sort(files.begin(), files.end());
  std::vector<JointMap> maps;
  std::vector<std::string> names = {"auto"};
  for (const fs::path& file : files) {
    names.push_back(file.stem().string());
    if (name_or_file == "auto" || name_or_file == names.back()) maps.push_back(ReadJointMap(file.string()));
  }
  if (maps.empty()) {
    std::string known;
    for (const std::string& name : names) known += name + ", ";
    throw UsageError("unknown joint map '", name_or_file, "'", DidYouMean(name_or_file, names), ", expected ",
                     known, "or a YAML file");
  }
  return maps;
}

const JointMap& ChooseJointMap(const std::vector<JointMap>& maps, const BvhClip& clip) {
  std::string reasons;
  for (const JointMap& map : maps) {
    const std::string missing = map.MissingFrom(clip);
    if (missing.empty()) return map;
    reasons += (reasons.empty() ? "" : ", ") + Concat("'", map.name, "' needs the joint '", missing, "'");
  }
  throw Error(clip.path, ": no joint map fits this skeleton: ", reasons);
}

std::vector<WorldPose> MapJoints(const BvhClip& clip, const JointMap& map) {
  std::array<std::pair<int, int>, kJoints> index;
  for (int joint = 0; joint < kJoints; ++joint) {
    index[joint] = {clip.Find(map.joints[joint].first), clip.Find(map.joints[joint].second)};
  }
  std::vector<WorldPose> poses(clip.frames);
  for (int64_t frame = 0; frame < clip.frames; ++frame) {
    const std::vector<BvhTransform> world = ForwardKinematics(clip, frame);
    for (int joint = 0; joint < kJoints; ++joint) {
      const BvhTransform& first = world[index[joint].first];
      Eigen::Vector3d point = first.position + first.rotation * map.joints[joint].offset;
      if (!map.joints[joint].second.empty()) point = 0.5 * (point + world[index[joint].second].position);
      point *= map.unit_mm;
      poses[frame][joint] = map.up == 'y' ? Eigen::Vector3d(point.z(), point.x(), point.y()) : point;
    }
  }
  return poses;
}

}  // namespace links
