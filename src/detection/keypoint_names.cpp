#include "links/detection/keypoint_names.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "../config/yaml_file.h"
#include "links/core/error.h"
#include "links/core/share.h"

namespace links {
namespace {

using Words = std::vector<std::string>;

/// Small letters and digits of a name, in words that end at other signs and at capitals.
Words Split(const std::string& name) {
  Words words;
  bool inside = false, lower_before = false;
  for (const char letter : name) {
    const auto byte = static_cast<unsigned char>(letter);
    if (!std::isalnum(byte)) {
      inside = false;
      continue;
    }
    if (!inside || (std::isupper(byte) && lower_before)) words.emplace_back();
    words.back() += static_cast<char>(std::tolower(byte));
    inside = true;
    lower_before = std::islower(byte) != 0;
  }
  return words;
}

std::string Join(const Words& words) {
  std::string joined;
  for (const std::string& word : words) joined += word;
  return joined;
}

/// configs/names/keypoints.yaml.
class Vocabulary {
 public:
  Vocabulary() : file_(SharePath("configs/names/keypoints.yaml"), "names of keypoints") {
    const YAML::Node root = file_.Load();
    file_.CheckKeys(root, {"parts", "joints", "not_human"}, "key");
    for (const auto& item : file_.Required(root, "parts")) {
      const std::string part = file_.Text(item.first, "a part");
      parts_[Join(Split(part))] = part;
      for (const std::string& other : Texts(item.second)) parts_[other] = part;
    }
    const YAML::Node joints = file_.Required(root, "joints");
    file_.CheckKeys(joints, {kJointNames.begin(), kJointNames.end()}, "joint");
    for (int joint = 0; joint < kJoints; ++joint) {
      for (const YAML::Node& list : file_.Required(joints, std::string(kJointNames[joint]))) {
        choices[joint].push_back(Texts(list));
      }
    }
    const Words words = Texts(file_.Required(root, "not_human"));
    not_human.insert(words.begin(), words.end());
  }

  static const Vocabulary& Get() {
    static const Vocabulary vocabulary;
    return vocabulary;
  }

  /// The part, with "left_" or "right_" where the name says a side; "" = unknown.
  std::string Part(const Words& words) const {
    Words rest;
    std::string side;
    for (const std::string& word : words) {
      const bool left = word == "left" || word == "l", right = word == "right" || word == "r";
      if ((left || right) && side.empty()) {
        side = left ? "left_" : "right_";
      } else {
        rest.push_back(word);
      }
    }
    std::string joined = Join(rest);
    if (side.empty()) side = TakeSide(joined);
    const auto found = parts_.find(joined);
    if (found == parts_.end()) return "";
    // A hip without a side is the middle of both.
    return found->second == "hip" && side.empty() ? "pelvis" : side + found->second;
  }

  std::array<std::vector<Words>, kJoints> choices;
  std::set<std::string> not_human;

 private:
  Words Texts(const YAML::Node& list) const {
    if (!list.IsSequence()) file_.Fail(list, "expected a list of names");
    Words texts;
    for (const YAML::Node& item : list) texts.push_back(file_.Text(item, "a name"));
    return texts;
  }

  /// "lshoulder", "shoulderright" -> the side, "shoulder".
  std::string TakeSide(std::string& joined) const {
    if (parts_.contains(joined)) return "";
    for (const auto& [sign, side] :
         {std::pair{"left", "left_"}, {"right", "right_"}, {"l", "left_"}, {"r", "right_"}}) {
      const size_t length = std::string_view(sign).size();
      if (joined.starts_with(sign) && parts_.contains(joined.substr(length))) {
        joined.erase(0, length);
        return side;
      }
      if (joined.ends_with(sign) && parts_.contains(joined.substr(0, joined.size() - length))) {
        joined.resize(joined.size() - length);
        return side;
      }
    }
    return "";
  }

  YamlFile file_;
  std::map<std::string, std::string> parts_;
};

Words Canonical(const Words& names) {
  Words canonical;
  for (const std::string& name : names) canonical.push_back(CanonicalKeypoint(name));
  return canonical;
}

int Find(const Words& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

/// The shipped map with the names of `canonical`, best in their order, else with its keypoints where they
/// stand there; empty name = none.
KeypointMap Reordered(const Words& canonical) {
  const auto count = static_cast<int>(canonical.size());
  KeypointMap found;
  for (const KeypointMap* shipped : KeypointMapsFor(count)) {
    KeypointMap map = *shipped;
    std::vector<int> place;
    for (const std::string& name : Canonical(map.keypoints)) place.push_back(Find(canonical, name));
    if (std::count(place.begin(), place.end(), -1) > 0) continue;
    const bool in_order =
        std::is_sorted(place.begin(), place.end()) && place.back() + 1 == static_cast<int>(place.size());
    if (!found.name.empty() && !in_order) continue;
    for (auto& terms : map.joints) {
      for (auto& term : terms) term.keypoint = place[term.keypoint];
    }
    map.keypoints = canonical;
    map.counts = {count};
    map.also.clear();
    found = std::move(map);
    if (in_order) break;
  }
  return found;
}

}  // namespace

std::string CanonicalKeypoint(const std::string& name) {
  const Words words = Split(name);
  const std::string part = Vocabulary::Get().Part(words);
  return part.empty() ? Join(words) : part;
}

bool IsNotHuman(const std::string& name) {
  const auto& words = Vocabulary::Get().not_human;
  const Words parts = Split(name);
  return words.contains(Join(parts)) || std::any_of(parts.begin(), parts.end(), [&](const std::string& word) {
           return words.contains(word);
         });
}

KeypointMap KeypointMapOfNames(const std::vector<std::string>& names, const std::string& where) {
  for (const std::string& name : names) {
    if (IsNotHuman(name)) {
      throw Error(where, ": expected the keypoints of a human body, found one named '", name.substr(0, 40),
                  "'");
    }
  }
  const Words canonical = Canonical(names);
  for (const char* needed : {"left_hip", "right_hip", "left_shoulder", "right_shoulder"}) {
    if (Find(canonical, needed) < 0) {
      std::string found;
      for (size_t i = 0; i < names.size() && found.size() < 200; ++i)
        found += (i ? ", " : "") + names[i].substr(0, 40);
      throw Error(where, ": expected names of keypoints with hips and shoulders, found no ", needed,
                  " among ", found);
    }
  }
  KeypointMap map = Reordered(canonical);
  if (!map.name.empty()) return map;
  map.name = "names in the file";
  map.counts = {static_cast<int>(names.size())};
  map.keypoints = canonical;
  for (int joint = 0; joint < kJoints; ++joint) {
    for (const Words& parts : Vocabulary::Get().choices[joint]) {
      std::vector<KeypointMap::Term> terms;
      bool all = true;
      for (const std::string& part : parts) {
        const bool beside = part.starts_with('+');
        const int keypoint = Find(canonical, beside ? part.substr(1) : part);
        all = all && keypoint >= 0;
        if (!beside) terms.push_back({keypoint, 1, 1});
      }
      if (!all) continue;
      for (auto& term : terms) term.x_weight = term.y_weight = 1.0 / static_cast<double>(terms.size());
      map.joints[joint] = std::move(terms);
      break;
    }
  }
  return map;
}

}  // namespace links
