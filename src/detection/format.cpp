#include "format.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include "frame_source.h"
#include "json_file.h"
#include "links/core/error.h"

namespace links {
namespace {

using nlohmann::json;
using Layout = DetectionLayout;

constexpr std::string_view kHdf5 = "\x89HDF\r\n\x1a\n";
constexpr std::array kFormats = {"openpose", "coco", "alphapose", "mmpose", "pose-file", "jsonl"};

std::string Formats() {
  std::string names;
  for (const char* name : kFormats) names += Concat(names.empty() ? "" : ", ", name);
  return names;
}

[[noreturn]] void Unknown(const std::string& path, const std::string& found) {
  throw Error(path, ": expected the output of a detector (", Formats(), "), found ", found);
}

std::string Keys(const json& object) {
  std::string keys;
  for (const auto& item : object.items()) {
    if (keys.size() < 200) keys += Concat(keys.empty() ? "'" : ", '", item.key().substr(0, 40), "'");
  }
  return keys.empty() ? "no keys" : Concat("the keys ", keys);
}

bool HasPeople(const json& value) {
  return value.is_object() && (value.contains("people") || value.contains("bodies"));
}

/// A list, by its first element.
DetectionFormat OfList(const std::string& path, JsonStream& text) {
  text.Take('[');
  bool first = true;
  if (!text.More(']', first)) {
    throw Error(path, ": found an empty list, which may be coco, alphapose or mmpose; say which one it is");
  }
  const json element = text.Value();
  if (!element.is_object()) Unknown(path, Concat("a list that begins with ", Describe(element)));
  if (element.contains("instances") || element.contains("keypoint_scores"))
    return {"mmpose", Layout::kMmpose};
  if (const auto id = element.find("image_id"); id != element.end() && element.contains("keypoints")) {
    const bool result = element.contains("category_id") && !element.contains("id");
    return {id->is_string() && result ? "alphapose" : "coco", Layout::kPersonList};
  }
  Unknown(path, Concat("a list of objects with ", Keys(element)));
}

/// An object with people: the only one of the file, or the first of many lines.
DetectionFormat OfPeople(const json& frame, bool more) {
  if (more) return {"jsonl", Layout::kLines};
  if (frame.contains("bodies")) return {"alphapose", Layout::kImageFiles};
  const json& people = frame["people"];
  const bool ours = frame.contains("image") || (people.is_array() && !people.empty() &&
                                                people[0].is_object() && people[0].contains("keypoints"));
  return {ours ? "jsonl" : "openpose", Layout::kImageFiles};
}

DetectionFormat OfObject(const std::string& path, JsonStream& text) {
  text.Take('{');
  json small = json::object();  // what stands before the key that decides
  bool first = true;
  while (text.More('}', first)) {
    const std::string key = text.Key();
    if (key == "instance_info") return {"mmpose", Layout::kMmpose};
    if (key == "annotations") return {"coco", Layout::kPersonList};
    if (key == "people" || key == "bodies") {
      small[key] = text.Value();
    } else if (text.Peek() == '{') {
      const json value = text.Value();
      if (HasPeople(value) && small.empty()) return {"alphapose", Layout::kImageObject};
      small[key] = nullptr;
    } else {
      text.Skip();
      small[key] = nullptr;
    }
  }
  const bool more = text.Peek() != JsonStream::kEnd;
  if (!HasPeople(small)) Unknown(path, Concat("an object with ", Keys(small)));
  return OfPeople(small, more);
}

DetectionFormat OfFile(const std::string& path) {
  {
    std::ifstream file = OpenForReading(path);
    std::string begin(kHdf5.size(), '\0');
    file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
    if (file.gcount() == 0) Unknown(path, "an empty file");
    if (begin == kHdf5) return {"pose-file", Layout::kPoseFile};
  }
  JsonFile file(path);
  const int letter = file.text().Peek();
  if (letter == '[') return OfList(path, file.text());
  if (letter == '{') return OfObject(path, file.text());
  if (letter == JsonStream::kEnd) Unknown(path, "only space");
  Unknown(path, "a file that is neither JSON nor HDF5");
}

/// What MMPose writes for an image without people.
bool IsEmptyList(const std::string& path) {
  JsonFile file(path);
  if (file.text().Peek() != '[') return false;
  file.text().Take('[');
  bool first = true;
  return !file.text().More(']', first);
}

}  // namespace

void CheckDetectionFormat(const std::string& name) {
  if (name == "auto" || std::find(kFormats.begin(), kFormats.end(), name) != kFormats.end()) return;
  throw UsageError("expected auto, ", Formats(), " as the format of the detections, found '", name, "'");
}

DetectionFormat RecogniseDetections(const std::string& path) {
  if (!std::filesystem::is_directory(path)) return OfFile(path);
  const std::vector<std::string> files = ImageFiles(path);
  const auto file = std::find_if_not(files.begin(), files.end(), IsEmptyList);
  if (file == files.end()) return {"mmpose", Layout::kImageFiles};
  const DetectionFormat format = OfFile(*file);
  if (format.layout == Layout::kImageFiles) return format;
  if (format.layout == Layout::kMmpose) return {"mmpose", Layout::kImageFiles};
  throw Error(path, ": expected a folder with a file for each image, found ", format.name,
              " for many images in '", *file, "' (give that file)");
}

DetectionFormat FormatOf(const std::string& path, const std::string& name) {
  if (name == "auto") return RecogniseDetections(path);
  if (name == "pose-file") return {name, Layout::kPoseFile};
  if (name == "openpose" || std::filesystem::is_directory(path)) return {name, Layout::kImageFiles};
  if (name == "jsonl") return {name, Layout::kLines};
  if (name == "mmpose") return {name, Layout::kMmpose};
  // AlphaPose writes a list of people, an object with an entry for each image, or an image a file.
  if (name == "coco" || JsonFile(path).text().Peek() == '[') return {name, Layout::kPersonList};
  return {name, RecogniseDetections(path).layout};
}

}  // namespace links
