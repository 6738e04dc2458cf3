#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "links/config/visitor.h"

namespace links {

/// One option of a configuration, for listings.
struct OptionDescription {
  std::string key;   ///< dotted path
  std::string type;  ///< "integer", "number", "boolean", "text", "choice", "file", "list of numbers", ...
  std::string default_value;  ///< as YAML
  std::string range;          ///< "[1, 8192]", "a | b | c", or ""
  std::string help;
};

/// Behind the templates below: everything that need not know the options struct.
namespace config_internal {

using Fields = std::function<void(ConfigVisitor&)>;
enum class Files { kMustExist, kMayBeGone };

void ReadFiles(const std::vector<std::string>& paths, const std::vector<std::string>& overrides, Files files,
               const Fields& fields);
void ReadText(const std::string& text, const std::string& origin, const std::vector<std::string>& overrides,
              Files files, const Fields& fields);
std::string Write(const Fields& fields);
std::vector<OptionDescription> Describe(const Fields& fields);

}  // namespace config_internal

/// Reads YAML files, each over those before it (and over the files it names with `base:`, outermost last),
/// and then `key=value` overrides into `options`. Names of files become absolute. Throws one UsageError that
/// lists every mistake, a line each, with file:line and dotted path; `options` is then unchanged.
template <class Options>
void ReadConfig(const std::vector<std::string>& paths, const std::vector<std::string>& overrides,
                Options& options) {
  Options result = options;
  config_internal::ReadFiles(paths, overrides, config_internal::Files::kMustExist,
                             [&](ConfigVisitor& visitor) { result.Fields(visitor); });
  options = std::move(result);
}

template <class Options>
void ReadConfig(const std::string& path, const std::vector<std::string>& overrides, Options& options) {
  ReadConfig(std::vector<std::string>{path}, overrides, options);
}

/// The same where the files that the configuration names are not looked at and may be missing.
template <class Options>
void ReadConfigWithoutData(const std::vector<std::string>& paths, const std::vector<std::string>& overrides,
                           Options& options) {
  Options result = options;
  config_internal::ReadFiles(paths, overrides, config_internal::Files::kMayBeGone,
                             [&](ConfigVisitor& visitor) { result.Fields(visitor); });
  options = std::move(result);
}

/// ReadConfig from YAML text; `origin` stands for the file's name in messages and for relative names of
/// files.
template <class Options>
void ReadConfigText(const std::string& text, const std::string& origin,
                    const std::vector<std::string>& overrides, Options& options) {
  Options result = options;
  config_internal::ReadText(text, origin, overrides, config_internal::Files::kMustExist,
                            [&](ConfigVisitor& visitor) { result.Fields(visitor); });
  options = std::move(result);
}

/// Reads the resolved configuration that a run stored: as ReadConfigText, but the files it names may be gone
/// by now.
template <class Options>
void ReadStoredConfig(const std::string& text, const std::string& origin, Options& options) {
  Options result = options;
  config_internal::ReadText(text, origin, {}, config_internal::Files::kMayBeGone,
                            [&](ConfigVisitor& visitor) { result.Fields(visitor); });
  options = std::move(result);
}

/// The complete configuration as YAML text, every option with its value; ReadConfigText gives the same back.
/// Throws Error for what YAML text cannot hold: a number that is not finite, text that is not UTF-8.
template <class Options>
std::string WriteConfig(const Options& options) {
  Options copy = options;
  return config_internal::Write([&](ConfigVisitor& visitor) { copy.Fields(visitor); });
}

/// Every option in the order of declaration.
template <class Options>
std::vector<OptionDescription> DescribeConfig() {
  Options defaults;
  return config_internal::Describe([&](ConfigVisitor& visitor) { defaults.Fields(visitor); });
}

/// A table for people: a heading and a line an option, in aligned columns.
std::string OptionTable(const std::vector<OptionDescription>& options);

}  // namespace links
