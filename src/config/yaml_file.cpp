#include "yaml_file.h"

#include <algorithm>
#include <cmath>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/nearest.h"

namespace links {

YAML::Node YamlFile::Load() const {
  constexpr size_t kLargestText = size_t{1} << 20;  // bytes
  std::string text;
  try {
    text.resize(std::min(PlainFile(path_).size(), kLargestText) + 1);
    text.resize(PlainFile(path_).Read(0, text.data(), text.size()));
  } catch (const Error&) {
    throw UsageError(path_, ": expected ", what_, " (YAML) that can be read");
  }
  if (text.size() > kLargestText)
    throw UsageError(path_, ": expected ", what_, " of at most 1 MiB, found a larger file");
  try {
    return YAML::Load(text);
  } catch (const YAML::ParserException& error) {
    throw UsageError(path_, ":", error.mark.line + 1, ": expected YAML, found a mistake: ", error.msg);
  } catch (const YAML::Exception&) {
    throw UsageError(path_, ": expected ", what_, " (YAML) that can be read");
  }
}

void YamlFile::CheckKeys(const YAML::Node& node, const std::vector<std::string>& known,
                         const std::string& what) const {
  if (!node.IsMap()) Fail(node, "expected keys with values (" + known.front() + ", ...)");
  for (const auto& entry : node) {
    const std::string key = Text(entry.first, "a key");
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      Fail(entry.first, Concat("unknown ", what, " '", key, "'", DidYouMean(key, known)));
    }
  }
}

YAML::Node YamlFile::Required(const YAML::Node& node, const std::string& key) const {
  const YAML::Node value = node[key];
  if (!value) Fail(node, "'" + key + "' is missing");
  return value;
}

std::string YamlFile::Text(const YAML::Node& node, const std::string& expected) const {
  if (!node.IsScalar() || node.Scalar().empty()) Fail(node, "expected " + expected);
  return node.Scalar();
}

double YamlFile::Number(const YAML::Node& node) const {
  double value = 0;
  if (!node.IsScalar() || !YAML::convert<double>::decode(node, value) || !std::isfinite(value)) {
    Fail(node, "expected a number");
  }
  return value;
}

}  // namespace links
