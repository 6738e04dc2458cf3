#include "links/core/flat_settings.h"

#include <algorithm>
#include <sstream>

#include "links/core/text.h"

namespace links {

std::vector<std::pair<std::string, std::string>> FlatSettings(const std::string& yaml) {
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> path;
  std::istringstream lines(yaml);
  for (std::string line; std::getline(lines, line);) {
    const size_t indent = line.find_first_not_of(' '), colon = line.find(':');
    if (indent == std::string::npos || colon == std::string::npos) continue;
    path.resize(std::min(path.size(), indent / 2));
    path.push_back(line.substr(indent, colon - indent));
    const size_t value = line.find_first_not_of(' ', colon + 1);
    if (value != std::string::npos) settings.emplace_back(Join(path, "."), line.substr(value));
  }
  return settings;
}

}  // namespace links
