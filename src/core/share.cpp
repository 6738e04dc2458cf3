#include "links/core/share.h"

#include <cstdlib>
#include <filesystem>

namespace links {

std::string SharePath(const std::string& name) {
  namespace fs = std::filesystem;
  if (const char* share = std::getenv("LINKS_SHARE"); share != nullptr && *share != '\0') {
    return (fs::path(share) / name).string();
  }
  std::error_code unknown;
  const fs::path program = fs::read_symlink("/proc/self/exe", unknown);
  const fs::path installed = program.parent_path().parent_path() / "share/links" / name;
  return (fs::exists(installed, unknown) ? installed : fs::path(LINKS_SOURCE_DIR) / name).string();
}

}  // namespace links
