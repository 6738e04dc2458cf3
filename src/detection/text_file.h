#pragma once

#include <istream>
#include <memory>
#include <string>

#include "json_stream.h"

namespace links {

/// The file's name without its extensions ("a.json.gz" -> "a").
std::string FileStem(const std::string& path);

/// Opens a file of text for reading, gzip unpacked as it is read. Throws Error for folders, for what the
/// system refuses, and for UTF-16; a damaged gzip file throws while it is read.
std::unique_ptr<std::istream> OpenText(const std::string& path);

/// A JSON text in a file.
class JsonFile {
 public:
  explicit JsonFile(const std::string& path) : file_(OpenText(path)), text_(*file_, path) {}
  JsonStream& text() { return text_; }

 private:
  std::unique_ptr<std::istream> file_;
  JsonStream text_;
};

}  // namespace links
