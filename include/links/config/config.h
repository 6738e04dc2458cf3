#pragma once

#include <string>
#include <vector>

#include "links/config/visitor.h"

namespace links {

/// Reads a YAML file (and the files it names with `base:`, outermost last) and then `key=value` overrides into
/// `options`. Throws one UsageError that lists every mistake, a line each, with file:line and dotted path.
template <class Options>
void ReadConfig(const std::string& path, const std::vector<std::string>& overrides, Options& options);

/// The same from YAML text; `origin` stands for the file's name in messages.
template <class Options>
void ReadConfigText(const std::string& text, const std::string& origin, const std::vector<std::string>& overrides,
                    Options& options);

/// The complete configuration as YAML text, every option with its value; ReadConfigText gives the same back.
template <class Options>
std::string WriteConfig(const Options& options);

/// One option of a configuration, for listings.
struct OptionDescription {
  std::string key;            ///< dotted path
  std::string type;           ///< "integer", "number", "boolean", "text", "list of numbers", ...
  std::string default_value;  ///< as YAML
  std::string range;          ///< "[1, 8192]", "a | b | c", or ""
  std::string help;
};

/// Every option in the order of declaration.
template <class Options>
std::vector<OptionDescription> DescribeConfig();

}  // namespace links
