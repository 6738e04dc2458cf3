#pragma once

#include <string>

namespace links {

/// Version of this library.
std::string Version();

}  // namespace links
