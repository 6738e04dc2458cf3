#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

#include "links/core/error.h"

namespace links {

/// Reads one YAML file; every mistake is a UsageError with file:line.
class YamlFile {
 public:
  /// `what` the file should hold, for the message when it cannot be read.
  YamlFile(std::string path, std::string what) : path_(std::move(path)), what_(std::move(what)) {}

  YAML::Node Load() const;

  [[noreturn]] void Fail(const YAML::Node& node, const std::string& message) const {
    throw UsageError(path_, ":", node.Mark().line + 1, ": ", message);
  }
  /// Fails unless `node` has keys, all of them known; `what` an unknown one is called.
  void CheckKeys(const YAML::Node& node, const std::vector<std::string>& known,
                 const std::string& what) const;
  YAML::Node Required(const YAML::Node& node, const std::string& key) const;
  /// Text that is not empty.
  std::string Text(const YAML::Node& node, const std::string& expected) const;
  /// A finite number.
  double Number(const YAML::Node& node) const;

 private:
  std::string path_, what_;
};

}  // namespace links
