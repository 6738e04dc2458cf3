#include "names.h"

#include <algorithm>
#include <map>

namespace links {
namespace {

std::string Title(const std::map<std::string, std::string>& titles, std::string name) {
  if (const auto found = titles.find(name); found != titles.end()) return found->second;
  std::ranges::replace(name, '_', ' ');
  return name;
}

}  // namespace

std::string CompositionTitle(const std::string& composition) {
  static const std::map<std::string, std::string> titles = {
      {"legs_torso", "legs + torso"},  {"left_core", "left* + right"},
      {"right_core", "right* + left"}, {"mean", "mean of the poses (reference)"},
      {"full", "full pose"},           {"flat", "flat, all depths 0 (reference)"}};
  return Title(titles, composition);
}

std::string ScenarioTitle(const std::string& scenario) {
  static const std::map<std::string, std::string> titles = {{"left_arm_leg", "left arm & leg"},
                                                            {"right_arm_leg", "right arm & leg"},
                                                            {"random_0_3", "0 to 3 random joints, U(0, 3)"}};
  return Title(titles, scenario);
}

std::string FillerTitle(const std::string& filler) {
  return Title({{"o2d", "O_2D"}, {"o3d", "O_3D"}, {"none", ""}}, filler);
}

}  // namespace links
