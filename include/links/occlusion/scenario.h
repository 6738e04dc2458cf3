#pragma once

#include <string>
#include <vector>

#include "links/skeleton/composition.h"

namespace links {

/// One row of table 3: what is unseen, which lifters still see all they need (docs/method.md sec. 5).
struct Scenario {
  std::string name;
  std::vector<int> missing;  ///< occluded joints
  Composition visible;       ///< the rearranged lifters; its joints are the ones not missing

  /// All joints that are not missing, without the root, ascending.
  std::vector<int> Known() const;
};

/// The eight scenarios of table 3 in the paper's order.
const std::vector<Scenario>& Scenarios();
std::vector<std::string> ScenarioNames();

/// The place of a scenario of that name in a list; throws Error when it is not there.
size_t IndexOfScenario(const std::string& name, const std::vector<Scenario>& scenarios = Scenarios());

}  // namespace links
