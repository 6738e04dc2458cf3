#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>

#include "frame_source.h"
#include "json_file.h"
#include "links/core/error.h"

namespace links {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr size_t kMaxLineBytes = size_t{64} << 20;

/// Splits off the run of digits or of others at the front.
std::string_view TakeRun(std::string_view& text) {
  const auto digit = [](char letter) { return std::isdigit(static_cast<unsigned char>(letter)) != 0; };
  size_t end = 1;
  while (end < text.size() && digit(text[end]) == digit(text[0])) ++end;
  const std::string_view run = text.substr(0, end);
  text.remove_prefix(end);
  return run;
}

/// Names as people count them: numbers in them by value.
bool NaturalLess(const std::string& a, const std::string& b) {
  std::string_view rest_a = a, rest_b = b;
  while (!rest_a.empty() && !rest_b.empty()) {
    std::string_view run_a = TakeRun(rest_a), run_b = TakeRun(rest_b);
    if (std::isdigit(static_cast<unsigned char>(run_a[0])) &&
        std::isdigit(static_cast<unsigned char>(run_b[0]))) {
      run_a.remove_prefix(std::min(run_a.find_first_not_of('0'), run_a.size()));
      run_b.remove_prefix(std::min(run_b.find_first_not_of('0'), run_b.size()));
      if (run_a.size() != run_b.size()) return run_a.size() < run_b.size();
    }
    if (run_a != run_b) return run_a < run_b;
  }
  return rest_a.empty() != rest_b.empty() ? rest_a.empty() : a < b;
}

class ImageFileList : public FrameSource {
 public:
  explicit ImageFileList(std::vector<std::string> files) : files_(std::move(files)) {}

  bool Next(RawFrame& frame) override {
    frame = {};
    if (next_ == files_.size()) return false;
    const std::string& path = files_[next_++];
    JsonFile file(path);
    const json value = file.text().Value();
    file.text().ExpectEnd();
    frame.where = path;
    const auto image = value.find("image");
    frame.image = image == value.end() ? FileStem(path) : ParseId(*image, "'image'", path);
    frame.people = ParsePeople(value.is_array() ? value : PeopleOf(value, path), path);
    return true;
  }

 private:
  std::vector<std::string> files_;
  size_t next_ = 0;
};

class Lines : public FrameSource {
 public:
  Lines(std::istream& in, std::string origin) : in_(in), origin_(std::move(origin)) {}

  bool Next(RawFrame& frame) override {
    frame = {};
    std::string line;
    do {
      if (!Read(line)) return false;
    } while (line.find_first_not_of(" \t\r") == std::string::npos);
    frame.where = Concat(origin_, ":", line_);
    std::istringstream one(line);
    json value;
    try {
      JsonStream text(one, origin_);
      value = text.Value();
      text.ExpectEnd();
    } catch (const Error& error) {  // the text's own line is always 1
      const std::string message = error.what(), begin = origin_ + ":1";
      throw Error(frame.where, message.substr(std::min(begin.size(), message.size())));
    }
    frame.people = ParsePeople(PeopleOf(value, frame.where), frame.where);
    if (const auto image = value.find("image"); image != value.end()) {
      frame.image = ParseId(*image, "'image'", frame.where);
    }
    return true;
  }

 private:
  /// One line without its end; a longer one than allowed is passed over before the Error.
  bool Read(std::string& line) {
    line.clear();
    std::streambuf& bytes = *in_.rdbuf();
    int byte = bytes.sbumpc();
    if (byte == std::char_traits<char>::eof()) return false;
    ++line_;
    bool too_long = false;
    for (; byte != std::char_traits<char>::eof() && byte != '\n'; byte = bytes.sbumpc()) {
      too_long = too_long || line.size() >= kMaxLineBytes;
      if (!too_long) line += static_cast<char>(byte);
    }
    if (too_long) {
      throw Error(origin_, ":", line_, ": expected a line of at most ", kMaxLineBytes >> 20,
                  " MiB, found more");
    }
    return true;
  }

  std::istream& in_;
  std::string origin_;
  int64_t line_ = 0;
};

class LineFile : public FrameSource {
 public:
  explicit LineFile(const std::string& path) : file_(OpenForReading(path)), lines_(file_, path) {}
  bool Next(RawFrame& frame) override { return lines_.Next(frame); }

 private:
  std::ifstream file_;
  Lines lines_;
};

}  // namespace

std::vector<std::string> ImageFiles(const std::string& folder) {
  std::vector<std::string> files;
  std::map<std::string, int> others;
  std::error_code reason;
  fs::directory_iterator entries(folder, reason);
  if (reason) throw Error("cannot read the folder '", folder, "': ", reason.message());
  for (const auto& entry : entries) {
    std::string extension = entry.path().extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    if (entry.is_regular_file() && extension == ".json") {
      files.push_back(entry.path().string());
    } else {
      ++others[entry.is_directory() ? "folders" : extension.empty() ? "files without extension" : extension];
    }
  }
  if (files.empty()) {
    std::string found;
    for (const auto& [kind, count] : others) found += Concat(found.empty() ? "" : ", ", count, " ", kind);
    throw Error(folder, ": expected a folder of .json files, found ",
                found.empty() ? "nothing in it" : found);
  }
  std::sort(files.begin(), files.end(), NaturalLess);
  return files;
}

std::unique_ptr<FrameSource> OpenImageFiles(const std::string& path) {
  return std::make_unique<ImageFileList>(fs::is_directory(path) ? ImageFiles(path)
                                                                : std::vector<std::string>{path});
}

std::unique_ptr<FrameSource> OpenLines(std::istream& in, const std::string& origin) {
  return std::make_unique<Lines>(in, origin);
}

std::unique_ptr<FrameSource> OpenLines(const std::string& path) {
  return std::make_unique<LineFile>(path);
}

}  // namespace links
