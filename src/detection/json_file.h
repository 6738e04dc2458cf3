#pragma once

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "json_stream.h"

namespace links {

inline std::string FileStem(const std::string& path) {
  return std::filesystem::path(path).stem().string();
}

inline std::ifstream OpenForReading(const std::string& path) {
  if (std::filesystem::is_directory(path)) throw Error(path, ": expected a file, found a folder");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("cannot read '", path, "': ", std::strerror(errno ? errno : EIO));
  return file;
}

/// A JSON text in a file.
class JsonFile {
 public:
  explicit JsonFile(const std::string& path) : file_(OpenForReading(path)), text_(file_, path) {}
  JsonStream& text() { return text_; }

 private:
  std::ifstream file_;
  JsonStream text_;
};

}  // namespace links
