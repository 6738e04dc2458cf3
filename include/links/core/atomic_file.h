#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace links {

/// Writes `bytes` beside `path`, syncs them to the disk and renames: a crash or a full disk at any moment
/// leaves either the old file or the new one. Throws Error naming the file and the system's reason.
void WriteFileAtomically(const std::string& path, std::string_view bytes);

/// The same for what writes by file name itself: `write(temporary_path)` makes the file.
void WriteFileAtomically(const std::string& path, const std::function<void(const std::string&)>& write);

/// The whole file. Throws Error naming the file and the system's reason.
std::string ReadFile(const std::string& path);

}  // namespace links
