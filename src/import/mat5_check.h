#pragma once

#include <string>

namespace links {

/// Walks the elements of a MAT file of version 5: every element lies within the one that holds it, numeric
/// arrays have as many numbers as their shape says, compressed variables have the right checksum. Throws
/// Error naming the file and the byte.
void CheckMat5(const std::string& path);

}  // namespace links
