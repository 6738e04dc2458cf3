#include "links/occlusion/scenario.h"

#include <algorithm>

#include "links/core/error.h"

namespace links {

std::vector<int> Scenario::Known() const {
  return visible.Joints();
}

const std::vector<Scenario>& Scenarios() {
  const auto partial = [](const char* name, Segment primary,
                          std::optional<Segment> secondary = std::nullopt) {
    return Composition{std::string("visible_") + name, primary, secondary};
  };
  using S = Segment;
  static const std::vector<Scenario> scenarios = {
      {"left_arm", {11, 12, 13}, partial("left_arm", S::kLegs, S::kRight)},
      {"left_leg", {4, 5, 6}, partial("left_leg", S::kTorso, S::kRight)},
      {"right_arm", {14, 15, 16}, partial("right_arm", S::kLegs, S::kLeft)},
      {"right_leg", {1, 2, 3}, partial("right_leg", S::kTorso, S::kLeft)},
      {"left_arm_leg", {4, 5, 6, 11, 12, 13}, partial("left_arm_leg", S::kRight)},
      {"right_arm_leg", {1, 2, 3, 14, 15, 16}, partial("right_arm_leg", S::kLeft)},
      {"both_legs", {1, 2, 3, 4, 5, 6}, partial("both_legs", S::kTorso)},
      {"full_torso", {7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, partial("full_torso", S::kLegs)},
  };
  return scenarios;
}

std::vector<std::string> ScenarioNames() {
  std::vector<std::string> names;
  for (const Scenario& scenario : Scenarios()) names.push_back(scenario.name);
  return names;
}

size_t IndexOfScenario(const std::string& name, const std::vector<Scenario>& scenarios) {
  const auto found = std::ranges::find(scenarios, name, &Scenario::name);
  if (found == scenarios.end()) throw Error("expected an occlusion scenario, found '", name, "'");
  return static_cast<size_t>(found - scenarios.begin());
}

}  // namespace links
