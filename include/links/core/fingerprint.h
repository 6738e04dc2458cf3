#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace links {

/// 64-bit FNV-1a as hexadecimal digits.
std::string Fingerprint(std::string_view bytes);

/// A file's content as 16 hexadecimal digits: files that differ have different ones, but for chance. Not
/// safe against someone who wants two to agree. A file that has not changed is read once a process. Throws
/// Error naming the file and the system's reason.
std::string FileFingerprint(const std::string& path);

}  // namespace links
