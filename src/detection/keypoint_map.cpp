#include "links/detection/keypoint_map.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../config/yaml_file.h"
#include "links/core/error.h"
#include "links/core/nearest.h"
#include "links/core/share.h"
#include "links/core/text.h"
#include "links/detection/keypoint_names.h"

namespace links {
namespace {

bool Has(const std::vector<int>& counts, int count) {
  return std::find(counts.begin(), counts.end(), count) != counts.end();
}

class MapReader {
 public:
  explicit MapReader(const std::string& path) : file_(path, "a keypoint map") {}

  KeypointMap Read() const {
    const YAML::Node root = file_.Load();
    file_.CheckKeys(root, {"name", "keypoints", "joints", "counts", "also", "datasets", "auto"},
                    "key of a keypoint map");
    KeypointMap map;
    map.name = file_.Text(file_.Required(root, "name"), "a name");
    map.keypoints = Names(file_.Required(root, "keypoints"));
    const auto size = static_cast<int>(map.keypoints.size());
    map.counts = root["counts"] ? Counts(root["counts"], size) : std::vector<int>{size};
    if (root["also"]) map.also = Counts(root["also"], size);
    if (root["datasets"]) map.datasets = Names(root["datasets"]);
    if (root["auto"]) map.automatic = Truth(root["auto"]);
    const YAML::Node joints = file_.Required(root, "joints");
    file_.CheckKeys(joints, {kJointNames.begin(), kJointNames.end()}, "joint");
    for (int joint = 0; joint < kJoints; ++joint) {
      const YAML::Node terms = joints[std::string(kJointNames[joint])];
      if (!terms) continue;
      const YAML::Node any = terms.IsMap() ? terms["any"] : YAML::Node(YAML::NodeType::Undefined);
      map.any[joint] = any.IsDefined();
      if (map.any[joint] && (terms.size() > 1 || !any.IsSequence()))
        file_.Fail(terms, "expected any: and a list of keypoints, of which those that are there count");
      map.joints[joint] = Terms(map.any[joint] ? any : terms, map.keypoints);
    }
    for (const int joint : {kRHip, kLHip, kRShoulder, kLShoulder}) {
      file_.Required(joints, std::string(kJointNames[joint]));
    }
    return map;
  }

 private:
  std::vector<std::string> Names(const YAML::Node& node) const {
    if (!node.IsSequence() || node.size() == 0 || node.size() > 1000) {
      file_.Fail(node, "expected a list of names");
    }
    std::vector<std::string> names;
    for (const YAML::Node& item : node) {
      names.push_back(file_.Text(item, "a name"));
      if (std::count(names.begin(), names.end(), names.back()) > 1) {
        file_.Fail(item, Concat("expected every name once, found '", names.back(), "' again"));
      }
    }
    return names;
  }

  std::vector<int> Counts(const YAML::Node& node, int least) const {
    if (!node.IsSequence() || node.size() == 0) file_.Fail(node, "expected a list of numbers of keypoints");
    std::vector<int> counts;
    for (const YAML::Node& item : node) {
      const double count = file_.Number(item);
      if (!(count >= least && count <= 10'000 && count == std::floor(count))) {
        file_.Fail(item, Concat("expected a number of keypoints from ", least, ", the names listed"));
      }
      counts.push_back(static_cast<int>(count));
    }
    return counts;
  }

  bool Truth(const YAML::Node& node) const {
    const std::string text = file_.Text(node, "true or false");
    if (text != "true" && text != "false") file_.Fail(node, "expected true or false");
    return text == "true";
  }

  int Index(const YAML::Node& node, const std::vector<std::string>& names) const {
    const std::string name = file_.Text(node, "the name of a keypoint");
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      file_.Fail(node, Concat("unknown keypoint '", name, "'", DidYouMean(name, names)));
    }
    return static_cast<int>(found - names.begin());
  }

  /// name, [names]: their mean, or {name: weight or [weight of x, weight of y]}.
  std::vector<KeypointMap::Term> Terms(const YAML::Node& node, const std::vector<std::string>& names) const {
    std::vector<KeypointMap::Term> terms;
    if (node.IsSequence() && node.size() > 0) {
      const double weight = 1.0 / static_cast<double>(node.size());
      for (const YAML::Node& item : node) terms.push_back({Index(item, names), weight, weight});
    } else if (node.IsMap() && node.size() > 0) {
      for (const auto& item : node) {
        const YAML::Node weight = item.second;
        const bool pair = weight.IsSequence() && weight.size() == 2;
        if (!pair && !weight.IsScalar()) file_.Fail(weight, "expected a weight, or one for x and one for y");
        terms.push_back({Index(item.first, names), file_.Number(pair ? weight[0] : weight),
                         file_.Number(pair ? weight[1] : weight)});
      }
    } else {
      terms.push_back({Index(node, names), 1, 1});
    }
    CheckWeights(node, terms);
    return terms;
  }

  /// Weights that do not add up to 1 would move a joint with the place of the person in the image.
  void CheckWeights(const YAML::Node& node, const std::vector<KeypointMap::Term>& terms) const {
    double x = 0, y = 0;
    for (const auto& term : terms) {
      x += term.x_weight;
      y += term.y_weight;
    }
    if (!(std::abs(x - 1) < 1e-6 && std::abs(y - 1) < 1e-6)) {
      file_.Fail(node, Concat("expected weights that add up to 1, found ", x, " for x and ", y, " for y"));
    }
  }

  YamlFile file_;
};

std::vector<KeypointMap> ShippedMaps() {
  std::vector<KeypointMap> maps;
  for (const std::string& file : ShippedYamlFiles("configs/keypoints", "keypoint maps"))
    maps.push_back(ReadKeypointMap(file));
  std::sort(maps.begin(), maps.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return maps;
}

}  // namespace

bool Keypoints::IsThere(int i, double min_confidence) const {
  const double x = px[2 * i], y = px[2 * i + 1];
  return std::isfinite(x) && std::isfinite(y) && (x != 0 || y != 0) && confidence[i] > 0 &&
         confidence[i] >= min_confidence;
}

bool KeypointMap::Takes(int count) const {
  return Has(counts, count) || Has(also, count);
}

const std::vector<KeypointMap>& KeypointMaps() {
  static const std::vector<KeypointMap> maps = ShippedMaps();
  return maps;
}

std::string KeypointMapNames() {
  std::vector<std::string> names;
  for (const KeypointMap& map : KeypointMaps()) names.push_back(map.name);
  return Join(names, ", ");
}

KeypointMap ReadKeypointMap(const std::string& path) {
  return MapReader(path).Read();
}

KeypointMap FindKeypointMap(const std::string& name_or_file) {
  if (NamesYamlFile(name_or_file)) return ReadKeypointMap(name_or_file);
  for (const KeypointMap& map : KeypointMaps()) {
    if (map.name == name_or_file) return map;
  }
  throw UsageError("expected one of ", KeypointMapNames(), " or a YAML file as the keypoint map, found '",
                   name_or_file, "'");
}

const KeypointMap* KeypointMapOfDataset(const std::string& dataset) {
  for (const KeypointMap& map : KeypointMaps()) {
    const auto& names = map.datasets;
    if (std::find(names.begin(), names.end(), dataset) != names.end()) return &map;
  }
  return nullptr;
}

std::vector<const KeypointMap*> KeypointMapsFor(int keypoints) {
  std::vector<const KeypointMap*> maps;
  for (const KeypointMap& map : KeypointMaps()) {
    if (map.automatic && Has(map.counts, keypoints)) maps.push_back(&map);
  }
  return maps;
}

namespace {

/// Index of the keypoint, -1 = none.
int Find(const KeypointMap& map, const std::string& keypoint) {
  const auto found = std::find_if(map.keypoints.begin(), map.keypoints.end(), [&](const std::string& name) {
    return name == keypoint || CanonicalKeypoint(name) == keypoint;
  });
  return found == map.keypoints.end() ? -1 : static_cast<int>(found - map.keypoints.begin());
}

/// Whether the joint is made of these keypoints and no others.
bool IsOf(const KeypointMap& map, int joint, const std::vector<std::string>& keypoints) {
  const auto& terms = map.joints[joint];
  return terms.size() == keypoints.size() && std::ranges::all_of(keypoints, [&](const std::string& keypoint) {
           return std::ranges::any_of(terms,
                                      [&](const auto& term) { return term.keypoint == Find(map, keypoint); });
         });
}

}  // namespace

JointDefinition DefinitionOf(const KeypointMap& map) {
  if (!IsOf(map, kHead, {"nose"})) return JointDefinition::kMocap;
  return IsOf(map, kHeadTop, {"left_eye", "right_eye"}) ? JointDefinition::kDetector
                                                        : JointDefinition::kNotStated;
}

KeypointMap WithDetectorJoints(KeypointMap map) {
  const std::vector<std::string> hips = {"left_hip", "right_hip"},
                                 shoulders = {"left_shoulder", "right_shoulder"};
  std::vector<std::string> trunk = hips;
  trunk.insert(trunk.end(), shoulders.begin(), shoulders.end());
  // Of a face from the side a detector finds one eye.
  const std::pair<int, std::vector<std::string>> joints[] = {{kHip, hips},
                                                             {kSpine, trunk},
                                                             {kThorax, shoulders},
                                                             {kHead, {"nose"}},
                                                             {kHeadTop, {"left_eye", "right_eye"}}};
  KeypointMap made = map;
  for (const auto& [joint, keypoints] : joints) {
    const double weight = 1.0 / static_cast<double>(keypoints.size());
    made.joints[joint].clear();
    for (const std::string& keypoint : keypoints) {
      const int index = Find(map, keypoint);
      if (index < 0) return map;
      made.joints[joint].push_back({index, weight, weight});
    }
    made.any[joint] = joint == kHeadTop;
  }
  return made;
}

Joints2d MapKeypoints(const KeypointMap& map, const Keypoints& keypoints, double min_confidence) {
  if (!map.Takes(keypoints.size())) {
    throw Error("the keypoint map ", map.name, " does not take ", keypoints.size(), " keypoints");
  }
  Joints2d joints;
  for (int joint = 0; joint < kJoints; ++joint) {
    double x = 0, y = 0, weight = 0, confidence = std::numeric_limits<double>::infinity();
    bool all = true;
    for (const auto& [keypoint, x_weight, y_weight] : map.joints[joint]) {
      const bool there = keypoints.IsThere(keypoint, min_confidence);
      all = all && there;
      if (!there) continue;
      x += x_weight * keypoints.px[2 * keypoint];
      y += y_weight * keypoints.px[2 * keypoint + 1];
      weight += x_weight;
      confidence = std::min(confidence, keypoints.confidence[keypoint]);
    }
    const bool seen = map.any[joint] ? weight > 0 : all && !map.joints[joint].empty();
    if (!seen) continue;
    if (map.any[joint]) {
      x /= weight;
      y /= weight;
    }
    joints.seen[joint] = true;
    joints.px[2 * joint] = static_cast<float>(x);
    joints.px[2 * joint + 1] = static_cast<float>(y);
    joints.confidence[joint] = static_cast<float>(confidence);
  }
  return joints;
}

}  // namespace links
