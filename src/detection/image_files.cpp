#include "image_files.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <optional>
#include <string_view>

#include "json_outline.h"
#include "links/core/error.h"
#include "person.h"
#include "text_file.h"

namespace links {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

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

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

/// A file an image.
class ImageFileList : public FrameSource {
 public:
  explicit ImageFileList(std::vector<std::string> files) : files_(std::move(files)) {
    // Names of keypoints stand in every file: the first of those that say something has them.
    for (size_t i = 0; i < std::min(files_.size(), kFilesForNames); ++i) {
      const JsonOutline outline = OutlineJson(files_[i]);
      if (!outline.facts.names.empty() || !outline.facts.dataset.empty()) {
        facts_ = outline.facts;
        return;
      }
    }
  }
  SourceFacts facts() const override { return facts_; }

  bool Next(RawFrame& frame) override {
    frame = {};
    if (next_ == files_.size()) return false;
    const std::string& path = files_[next_++];
    JsonFile file(path);
    const json value = file.text().Value();
    file.text().ExpectEnd();
    if (value.is_array()) CheckOneImage(value, path);
    ParseFrame(value, path, frame);
    // A list's file is named after the image; its people's ids are the detector's own count.
    if (frame.image.empty() || value.is_array()) frame.image = FileStem(path);
    return true;
  }

 private:
  static void CheckOneImage(const json& list, const std::string& path) {
    std::optional<std::string> image;
    for (const json& person : list) {
      if (!person.is_object()) continue;
      const std::string other = ImageOf(person, path);
      if (image && other != *image) {
        throw Error(path, ": expected a file for each image, found many images (give that file)");
      }
      image = other;
    }
  }

  static constexpr size_t kFilesForNames = 10;

  std::vector<std::string> files_;
  SourceFacts facts_;
  size_t next_ = 0;
};

}  // namespace

std::vector<std::string> ImageFiles(const std::string& folder, const std::string& extension,
                                    bool may_be_none) {
  std::vector<std::string> files;
  std::map<std::string, int> others;
  std::error_code reason;
  fs::directory_iterator entries(folder, reason);
  if (reason) throw Error("cannot read the folder '", folder, "': ", reason.message());
  for (const auto& entry : entries) {
    const std::string name = Lower(entry.path().filename().string());
    const std::string found = Lower(entry.path().extension().string());
    if (entry.is_regular_file() && (found == extension || name.ends_with(extension + ".gz"))) {
      files.push_back(entry.path().string());
    } else {
      ++others[entry.is_directory() ? "folders" : found.empty() ? "files without extension" : found];
    }
  }
  if (files.empty() && !may_be_none) {
    std::string found;
    for (const auto& [kind, count] : others) found += Concat(found.empty() ? "" : ", ", count, " ", kind);
    throw Error(folder, ": expected a folder of ", extension, " files, found ",
                found.empty() ? "nothing in it" : found);
  }
  std::sort(files.begin(), files.end(), NaturalLess);
  return files;
}

std::unique_ptr<FrameSource> OpenImageFiles(const std::string& path) {
  return std::make_unique<ImageFileList>(fs::is_directory(path) ? ImageFiles(path, ".json")
                                                                : std::vector<std::string>{path});
}

}  // namespace links
