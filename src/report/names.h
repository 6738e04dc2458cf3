#pragma once

#include <string>
#include <vector>

namespace links {

// Names in evaluations as people write them in tables; other names stay, with blanks for underscores.
std::string CompositionTitle(const std::string& composition);
std::string ScenarioTitle(const std::string& scenario);
std::string FillerTitle(const std::string& filler);

}  // namespace links
