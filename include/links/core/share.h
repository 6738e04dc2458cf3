#pragma once

#include <string>

namespace links {

/// Where the shipped file or folder `name` ("configs/bvh") is: in $LINKS_SHARE when that is set, else in
/// ../share/links beside the running program, else in the source tree. It need not exist.
std::string SharePath(const std::string& name);

}  // namespace links
