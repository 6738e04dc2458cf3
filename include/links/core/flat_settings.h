#pragma once

#include <string>
#include <utility>
#include <vector>

namespace links {

/// The values of a configuration as WriteConfig gives it (YAML, two blanks a level), in order:
/// ("lifters.loss.bone", "50").
std::vector<std::pair<std::string, std::string>> FlatSettings(const std::string& yaml);

}  // namespace links
