#pragma once

#include <string>

namespace links {

/// Where the shipped file or folder `name` ("configs/bvh") is: in $LINKS_SHARE when that is set, else the
/// first that exists of ../share/links beside the running program, the installed package that the program was
/// built with (find_package(links), wherever it was installed to), the source tree, and the installation
/// folder that the build was configured with; the last of them when none does.
std::string SharePath(const std::string& name);

}  // namespace links
