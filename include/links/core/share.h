#pragma once

#include <string>
#include <vector>

namespace links {

/// Where the shipped file or folder `name` ("configs/joints") is: in $LINKS_SHARE when that is set, else the
/// first that exists of ../share/links beside the running program, the installed package that the program was
/// built with (find_package(links), wherever it was installed to), the source tree, and the installation
/// folder that the build was configured with; the last of them when none does.
std::string SharePath(const std::string& name);

/// The paths of the shipped YAML files in the folder `name`, in alphabetical order. Throws Error when there
/// are none; `what` they are is for its message ("joint maps").
std::vector<std::string> ShippedYamlFiles(const std::string& name, const std::string& what);

/// Whether an option's value names a YAML file (.yaml, .yml) instead of something shipped.
bool NamesYamlFile(const std::string& value);

}  // namespace links
