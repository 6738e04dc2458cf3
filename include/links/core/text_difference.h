#pragma once

#include <string>

namespace links {

/// The first line in which two texts differ, as "'a' stored, 'b' given"; "no difference" where there is none.
std::string FirstDifference(const std::string& stored, const std::string& given);

}  // namespace links
