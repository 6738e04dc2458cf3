#include "links/core/share.h"

#include <array>
#include <cstdlib>
#include <filesystem>

// Defined in programs built with the installed package, cmake/links-share.cpp.
extern "C" [[gnu::weak]] const char* links_package_share();

namespace links {

std::string SharePath(const std::string& name) {
  namespace fs = std::filesystem;
  if (const char* share = std::getenv("LINKS_SHARE"); share != nullptr && *share != '\0') {
    return (fs::path(share) / name).string();
  }
  std::error_code unknown;
  const fs::path program = fs::read_symlink("/proc/self/exe", unknown);
  const std::array<fs::path, 4> folders = {program.parent_path().parent_path() / "share/links",
                                           links_package_share ? links_package_share() : "", LINKS_SOURCE_DIR,
                                           LINKS_SHARE_DIR};
  for (const fs::path& folder : folders) {
    if (!folder.empty() && fs::exists(folder / name, unknown)) return (folder / name).string();
  }
  return (folders.back() / name).string();
}

}  // namespace links
