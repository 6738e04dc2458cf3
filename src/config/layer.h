#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace links {

/// What one source, a file or one override, says. Later layers win over earlier ones.
struct Layer {
  std::string origin;               ///< "runs/a.yaml" or "--set a.b=3"
  std::string override_key;         ///< "a.b"; "" for a file
  std::filesystem::path directory;  ///< absolute: relative names of files start here
  YAML::Node root;

  bool IsOverride() const { return !override_key.empty(); }
};

using Mistakes = std::vector<std::string>;

/// The name of the entry at the top of a file that names the file to start from.
inline const std::string kBaseKey = "base";

/// "'3'", "a list", ...: the node as a message shows it.
std::string Describe(const YAML::Node& node);

/// The text of a file, or nothing and a mistake, which begins with `where`.
std::optional<std::string> ReadTextFile(const std::string& path, const std::string& where,
                                        Mistakes& mistakes);

/// The layers of a YAML text and of the files it starts from, the innermost base first. A layer that cannot
/// be read is left out and reported.
std::vector<Layer> LoadChain(const std::string& text, const std::string& origin, Mistakes& mistakes);

/// The layer of one `a.b=value`, or nothing and a mistake.
std::optional<Layer> ParseOverride(const std::string& assignment, Mistakes& mistakes);

}  // namespace links
