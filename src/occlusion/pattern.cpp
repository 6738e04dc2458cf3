#include "links/occlusion/pattern.h"

#include <algorithm>
#include <sstream>

#include "links/core/atomic_file.h"
#include "links/core/error.h"

namespace links {
namespace {

std::string Name(int joint) {
  return std::string(kJointNames[joint]);
}

OcclusionPattern ParseLine(const std::string& line, const std::string& where) {
  OcclusionPattern pattern;
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    const int joint = JointNamed(word);
    if (joint < 0)
      throw Error(where, ": expected the name of a joint (Hip ... RWrist) or its number (0 to 16), found '",
                  word, "'");
    if (std::find(pattern.missing.begin(), pattern.missing.end(), joint) != pattern.missing.end()) {
      throw Error(where, ": expected each joint once, found ", kJointNames[joint], " twice");
    }
    pattern.missing.push_back(joint);
  }
  std::sort(pattern.missing.begin(), pattern.missing.end());
  for (int joint : pattern.missing) pattern.name += (pattern.name.empty() ? "" : "+") + Name(joint);
  const auto seen = kJoints - static_cast<int>(pattern.missing.size());
  if (seen < kFewestSeen) {
    throw Error(where, ": expected a pattern that leaves at least ", kFewestSeen, " joints, found ", seen);
  }
  return pattern;
}

}  // namespace

int JointNamed(const std::string& text) {
  for (int joint = 0; joint < kJoints; ++joint) {
    if (text == kJointNames[joint] || text == std::to_string(joint)) return joint;
  }
  return -1;
}

std::vector<OcclusionPattern> SingleJointPatterns() {
  std::vector<OcclusionPattern> patterns;
  for (int joint = 0; joint < kJoints; ++joint) patterns.push_back({"single/" + Name(joint), {joint}});
  return patterns;
}

std::vector<OcclusionPattern> PairPatterns() {
  std::vector<OcclusionPattern> patterns;
  for (int a = 1; a < kJoints; ++a) {
    for (int b = a + 1; b < kJoints; ++b) patterns.push_back({"pair/" + Name(a) + "+" + Name(b), {a, b}});
  }
  return patterns;
}

std::vector<OcclusionPattern> ReadPatterns(const std::string& path) {
  std::vector<OcclusionPattern> patterns;
  std::istringstream lines(ReadFile(path));
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    line = line.substr(0, line.find('#'));
    std::replace(line.begin(), line.end(), ',', ' ');
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    patterns.push_back(ParseLine(line, Concat(path, ":", number)));
  }
  if (patterns.empty()) throw Error(path, ": expected patterns of missing joints, a line each, found none");
  return patterns;
}

const Scenario* CoveringScenario(const std::vector<int>& missing, const std::vector<Scenario>& scenarios) {
  const Scenario* best = nullptr;
  for (const Scenario& scenario : scenarios) {
    const bool covers = std::all_of(missing.begin(), missing.end(), [&](int joint) {
      return std::find(scenario.missing.begin(), scenario.missing.end(), joint) != scenario.missing.end();
    });
    if (covers && (!best || scenario.missing.size() < best->missing.size())) best = &scenario;
  }
  return best;
}

}  // namespace links
