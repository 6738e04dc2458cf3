#include "format.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "image_files.h"
#include "json_outline.h"
#include "links/core/error.h"
#include "links/core/text.h"
#include "links/detection/detection.h"
#include "sleap.h"
#include "text_file.h"

namespace links {

// Each in a file of its own.
std::unique_ptr<FrameSource> OpenDeepLabCut(const std::string& path);
std::unique_ptr<FrameSource> OpenUltralyticsLabels(const std::string& path);
std::unique_ptr<FrameSource> OpenVideoPose3d(const std::string& path);

namespace {

using nlohmann::json;

constexpr std::string_view kHdf5 = "\x89HDF\r\n\x1a\n";
constexpr size_t kBeginBytes = 4096;

bool Has(const json& value, const char* key) {
  return value.is_object() && value.contains(key);
}

/// What a frame, or the first of the people, is written as.
const json* FirstPerson(const JsonOutline& outline) {
  const json* value = &outline.first;
  if (outline.shape == JsonShape::kFrame && Has(*value, outline.people_key.c_str()))
    value = &(*value)[outline.people_key];
  for (int depth = 0; depth < 3; ++depth) {
    if (value->is_array() && !value->empty()) {
      value = &(*value)[0];
    } else {
      for (const char* key : {"people", "bodies", "instances", "predictions"}) {
        if (Has(*value, key)) {
          value = &(*value)[key];
          break;
        }
      }
    }
  }
  return value->is_object() ? value : nullptr;
}

bool PersonHas(const DetectionProbe& probe, const char* key) {
  if (probe.outline == nullptr || probe.outline->shape == JsonShape::kUnknown) return false;
  const json* person = FirstPerson(*probe.outline);
  return person != nullptr && person->contains(key);
}

bool ShapeIs(const DetectionProbe& probe, JsonShape shape) {
  return probe.outline != nullptr && probe.outline->shape == shape;
}

bool IsPoseFile(const DetectionProbe& probe) {
  if (!probe.begin.starts_with(kHdf5)) return false;
  RefuseSleap(probe.file);
  return true;
}

bool IsJsonl(const DetectionProbe& probe) {
  if (ShapeIs(probe, JsonShape::kLines)) return true;
  return ShapeIs(probe, JsonShape::kFrame) && probe.outline->people_key == "people" &&
         (Has(probe.outline->first, "image") || PersonHas(probe, "keypoints"));
}

bool IsMmpose(const DetectionProbe& probe) {
  if (probe.outline == nullptr) return false;
  const JsonOutline& outline = *probe.outline;
  return outline.list == "instance_info" || PersonHas(probe, "keypoint_scores") ||
         Has(outline.first, "instances") ||
         (outline.shape == JsonShape::kFrames && outline.list == "predictions");
}

bool IsAlphaPose(const DetectionProbe& probe) {
  if (ShapeIs(probe, JsonShape::kImageObject)) return !probe.outline->first.is_array();
  if (ShapeIs(probe, JsonShape::kFrame)) return probe.outline->people_key == "bodies";
  if (!ShapeIs(probe, JsonShape::kPeople) || !probe.outline->list.empty()) return false;
  const json& person = probe.outline->first;
  const auto id = person.find("image_id");
  return id != person.end() && id->is_string() && Has(person, "category_id") && !Has(person, "id");
}

bool IsPoseFlow(const DetectionProbe& probe) {
  return ShapeIs(probe, JsonShape::kImageObject) && probe.outline->first.is_array();
}

bool IsCoco(const DetectionProbe& probe) {
  return ShapeIs(probe, JsonShape::kPeople) && Has(probe.outline->first, "image_id");
}

bool IsOpenPose(const DetectionProbe& probe) {
  return PersonHas(probe, "pose_keypoints_2d") ||
         (ShapeIs(probe, JsonShape::kFrame) && probe.outline->people_key == "people");
}

bool IsUltralytics(const DetectionProbe& probe) {
  return PersonHas(probe, "box") && PersonHas(probe, "class");
}

bool IsOpenPifPaf(const DetectionProbe& probe) {
  if (ShapeIs(probe, JsonShape::kLines) || ShapeIs(probe, JsonShape::kFrame)) {
    if (probe.outline->people_key == "predictions") return true;
  }
  return ShapeIs(probe, JsonShape::kFrame) && PersonHas(probe, "keypoints") && PersonHas(probe, "bbox") &&
         PersonHas(probe, "category_id");
}

bool IsMediaPipe(const DetectionProbe& probe) {
  return PersonHas(probe, "landmarks") || PersonHas(probe, "pose_landmarks") ||
         PersonHas(probe, "poseLandmarks") ||
         (probe.outline != nullptr &&
          (probe.outline->people_key == "landmarks" || probe.outline->people_key == "pose_landmarks" ||
           probe.outline->people_key == "poseLandmarks"));
}

bool IsAnyJson(const DetectionProbe& probe) {
  return probe.outline != nullptr && probe.outline->shape != JsonShape::kUnknown;
}

bool IsVideoPose3d(const DetectionProbe& probe) {
  return probe.begin.starts_with("PK\x03\x04");
}

bool IsDeepLabCut(const DetectionProbe& probe) {
  const size_t mark = probe.begin.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  return probe.begin.compare(mark, 7, "scorer,") == 0;
}

/// Lines of nothing but numbers, five at least.
bool IsUltralyticsLabels(const DetectionProbe& probe) {
  const std::string line = probe.begin.substr(0, probe.begin.find('\n'));
  return !line.empty() && line.find_first_not_of("0123456789.eE+- \t\r") == std::string::npos &&
         std::count(line.begin(), line.end(), ' ') >= 5;
}

// A new format is a row here and a file that opens it. The first that recognises the input is taken; the last
// is what is understood without being any known tool's.
constexpr DetectionFormat kFormats[] = {
    {"pose-file", IsPoseFile, OpenPoseFrames, nullptr, "h36m17"},
    {"videopose3d", IsVideoPose3d, OpenVideoPose3d, nullptr, ""},
    {"deeplabcut", IsDeepLabCut, OpenDeepLabCut, nullptr, ""},
    {"ultralytics-labels", IsUltralyticsLabels, OpenUltralyticsLabels, OpenUltralyticsLabels, ""},
    {"openpifpaf", IsOpenPifPaf, OpenJson, OpenImageFiles, ""},
    {"ultralytics", IsUltralytics, OpenJson, OpenImageFiles, ""},
    {"mediapipe", IsMediaPipe, OpenJson, OpenImageFiles, ""},
    {"mmpose", IsMmpose, OpenJson, OpenImageFiles, ""},
    {"alphapose", IsAlphaPose, OpenJson, OpenImageFiles, ""},
    {"poseflow", IsPoseFlow, OpenJson, OpenImageFiles, ""},
    {"coco", IsCoco, OpenJson, OpenImageFiles, ""},
    {"jsonl", IsJsonl, OpenLineFile, OpenImageFiles, ""},
    {"openpose", IsOpenPose, OpenJson, OpenImageFiles, ""},
    {"json", IsAnyJson, OpenJson, OpenImageFiles, ""},
};

std::vector<std::string> FormatNames() {
  std::vector<std::string> names;
  for (const DetectionFormat& format : kFormats) names.emplace_back(format.name);
  return names;
}

[[noreturn]] void Unknown(const std::string& path, const std::string& found) {
  throw Error(path, ": expected the output of a detector (", Join(FormatNames(), ", "), "), found ", found);
}

std::string Begin(const std::string& path) {
  const auto file = OpenText(path);
  std::string begin(kBeginBytes, '\0');
  file->read(begin.data(), static_cast<std::streamsize>(begin.size()));
  begin.resize(static_cast<size_t>(file->gcount()));
  return begin;
}

/// What stands for nobody in a file of one image.
bool SaysNothing(const std::string& path) {
  const std::string begin = Begin(path);
  const size_t first = begin.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return true;
  const size_t last = begin.find_last_not_of(" \t\r\n");
  return begin.size() < kBeginBytes && begin[first] == '[' && begin[last] == ']' &&
         begin.find_first_not_of(" \t\r\n", first + 1) == last;
}

/// The files of a folder: of JSON, or else of labels.
std::vector<std::string> FilesOf(const std::string& folder) {
  const std::vector<std::string> labels = ImageFiles(folder, ".txt", true);
  const std::vector<std::string> files = ImageFiles(folder, ".json", !labels.empty());
  return files.empty() ? labels : files;
}

}  // namespace

std::vector<std::string> DetectionFormats() {
  std::vector<std::string> names = FormatNames();
  names.insert(names.begin(), "auto");
  return names;
}

void CheckDetectionFormat(const std::string& name) {
  const std::vector<std::string> names = DetectionFormats();
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  throw UsageError("expected one of ", Join(names, ", "), " as the format of the detections, found '", name,
                   "'");
}

namespace {

/// The format that the contents show, and the outline of the file, of JSON, that they are judged by: for a
/// list of people it has taken a pass over the file.
const DetectionFormat& Recognise(const std::string& path, std::optional<JsonOutline>& outline_of_path) {
  DetectionProbe probe;
  probe.path = path;
  probe.file = path;
  probe.folder = std::filesystem::is_directory(path);
  if (probe.folder) {
    const std::vector<std::string> files = FilesOf(path);
    const auto file = std::find_if_not(files.begin(), files.end(), SaysNothing);
    probe.file = file == files.end() ? files.front() : *file;
  }
  probe.begin = Begin(probe.file);
  if (probe.begin.empty() && !probe.folder) Unknown(path, "an empty file");
  JsonOutline outline;
  const std::string_view text =
      std::string_view(probe.begin).substr(probe.begin.starts_with("\xEF\xBB\xBF") ? 3 : 0);
  const size_t first = text.find_first_not_of(" \t\r\n");
  const bool json_text = first != std::string::npos && (text[first] == '[' || text[first] == '{');
  if (json_text || probe.begin.starts_with("\xEF")) {
    outline = OutlineJson(probe.file);
    probe.outline = &outline;
    if (!probe.folder && outline.found == "an empty list") {
      throw Error(path, ": found an empty list, which may be coco, alphapose or mmpose; say which one it is");
    }
  }
  for (const DetectionFormat& format : kFormats) {
    if (!format.recognise(probe)) continue;
    const bool many = outline.shape == JsonShape::kFrames || outline.shape == JsonShape::kLines ||
                      outline.shape == JsonShape::kImageObject;
    if (probe.folder && (format.open_folder == nullptr || many)) {
      throw Error(path, ": expected a folder with a file for each image, found ", format.name,
                  " for many images in '", probe.file, "' (give that file)");
    }
    if (!probe.folder && probe.outline != nullptr) outline_of_path = std::move(outline);
    return format;
  }
  if (probe.outline != nullptr) Unknown(path, outline.found);
  Unknown(path, first == std::string::npos ? "only space" : "a file that is neither JSON nor HDF5");
}

}  // namespace

OpenedInput OpenInput(const std::string& path, const std::string& name) {
  CheckDetectionFormat(name);
  std::optional<JsonOutline> outline;
  const DetectionFormat& format = name == "auto"
                                      ? Recognise(path, outline)
                                      : *std::find_if(std::begin(kFormats), std::end(kFormats),
                                                      [&](const auto& known) { return name == known.name; });
  const bool folder = std::filesystem::is_directory(path);
  const auto open = folder ? format.open_folder : format.open;
  if (open == nullptr)
    throw Error(path, ": expected a ", folder ? "file" : "folder", " of the format ", format.name,
                ", found a ", folder ? "folder" : "file");
  const bool known =
      outline && open == static_cast<std::unique_ptr<FrameSource> (*)(const std::string&)>(OpenJson);
  return {&format, known ? OpenJson(path, std::move(*outline)) : open(path)};
}

}  // namespace links
