#include "links/core/share.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "links/core/error.h"

// Defined in programs built with the installed package, cmake/links-share.cpp.
extern "C" [[gnu::weak]] const char* links_package_share();

namespace links {

namespace fs = std::filesystem;

std::string SharePath(const std::string& name) {
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

std::vector<std::string> ShippedYamlFiles(const std::string& name, const std::string& what) {
  const std::string folder = SharePath(name);
  std::vector<std::string> files;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder, missing)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  }
  if (files.empty()) {
    throw Error(folder, ": expected ", what,
                " (*.yaml) here, found none; LINKS_SHARE may name the folder that holds ", name);
  }
  std::ranges::sort(files);
  return files;
}

bool NamesYamlFile(const std::string& value) {
  return value.ends_with(".yaml") || value.ends_with(".yml");
}

}  // namespace links
