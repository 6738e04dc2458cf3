#pragma once

#include <exception>
#include <string>

namespace links {

/// What an exception says; LibTorch's without the list of its functions.
std::string ReasonOf(const std::exception& error);

}  // namespace links
