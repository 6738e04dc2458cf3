#include "links/detection/detection.h"

#include <cmath>
#include <filesystem>
#include <utility>

#include "format.h"
#include "frame_source.h"
#include "links/core/error.h"

namespace links {
namespace {

class MappingReader : public DetectionReader {
 public:
  MappingReader(std::unique_ptr<FrameSource> source, std::string format, const DetectionOptions& options)
      : source_(std::move(source)), format_(std::move(format)), min_confidence_(options.min_confidence) {
    if (options.map != "auto") {
      map_ = &FindKeypointMap(options.map);
    } else if (format_ == "pose-file") {
      map_ = &FindKeypointMap("h36m17");
    }
  }

  bool Next(DetectedFrame& frame) override {
    RawFrame raw;
    if (!source_->Next(raw)) return false;
    frame.people.clear();
    for (const RawPerson& person : raw.people) {
      const int place = static_cast<int>(frame.people.size());
      Check(person.keypoints.size(), raw.where);
      DetectedPerson detected{MapKeypoints(*map_, person.keypoints, min_confidence_), person.track, place};
      frame.people.push_back(std::move(detected));
    }
    frame.index = next_index_++;
    frame.image = raw.image.empty() ? std::to_string(frame.index) : raw.image;
    return true;
  }

  std::string format() const override { return format_; }
  std::string map() const override { return map_ != nullptr ? std::string(map_->name) : ""; }

 private:
  /// The map takes this many keypoints, and so many had everyone before.
  void Check(int keypoints, const std::string& where) {
    if (keypoints_ == 0) {
      if (map_ == nullptr) map_ = &DefaultKeypointMap(keypoints, where);
      bool taken = false;
      for (const int count : map_->counts) taken = taken || count == keypoints;
      if (!taken) {
        throw Error(where, ": expected ", map_->counts[0], " keypoints for the map ", map_->name, ", found ",
                    keypoints);
      }
      keypoints_ = keypoints;
    }
    if (keypoints != keypoints_) {
      throw Error(where, ": expected ", keypoints_, " keypoints as before, found ", keypoints);
    }
  }

  std::unique_ptr<FrameSource> source_;
  std::string format_;
  double min_confidence_;
  const KeypointMap* map_ = nullptr;
  int keypoints_ = 0;  // of everyone so far
  int64_t next_index_ = 0;
};

void CheckOptions(const DetectionOptions& options) {
  CheckDetectionFormat(options.format);
  if (options.map != "auto") FindKeypointMap(options.map);
  if (!(options.min_confidence >= 0) || !std::isfinite(options.min_confidence)) {
    throw UsageError("expected a confidence threshold of 0 or more, found ", options.min_confidence);
  }
}

std::unique_ptr<FrameSource> OpenSource(const std::string& path, DetectionLayout layout) {
  switch (layout) {
    case DetectionLayout::kPersonList:
      return OpenPersonList(path);
    case DetectionLayout::kMmpose:
      return OpenMmpose(path);
    case DetectionLayout::kImageObject:
      return OpenImageObject(path);
    case DetectionLayout::kLines:
      return OpenLines(path);
    case DetectionLayout::kPoseFile:
      return OpenPoseFrames(path);
    case DetectionLayout::kImageFiles:
      break;
  }
  return OpenImageFiles(path);
}

}  // namespace

std::unique_ptr<DetectionReader> OpenDetections(const std::string& path, const DetectionOptions& options) {
  CheckOptions(options);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    throw Error(path, ": expected a file or a folder, found no such thing");
  const DetectionFormat format = FormatOf(path, options.format);
  return std::make_unique<MappingReader>(OpenSource(path, format.layout), format.name, options);
}

std::unique_ptr<DetectionReader> ReadDetectionLines(std::istream& in, const std::string& origin,
                                                    const DetectionOptions& options) {
  CheckOptions(options);
  return std::make_unique<MappingReader>(OpenLines(in, origin), "jsonl", options);
}

}  // namespace links
