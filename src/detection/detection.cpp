#include "links/detection/detection.h"

#include <charconv>
#include <cmath>
#include <deque>
#include <filesystem>
#include <optional>
#include <utility>

#include "format.h"
#include "frame_clock.h"
#include "frame_source.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/detection/memory_frames.h"
#include "map_choice.h"
#include "side_swaps.h"
#include "track_linker.h"
#include "units.h"

namespace links {
namespace {

constexpr size_t kPeopleToJudge = 50, kFramesToJudge = 500;

class MappingReader : public DetectionReader {
 public:
  /// ahead: whether more than the frame asked for may be read to judge the input.
  MappingReader(std::unique_ptr<FrameSource> source, std::string format, std::string fixed_map,
                std::string origin, const DetectionOptions& options, bool ahead)
      : source_(std::move(source)),
        format_(std::move(format)),
        fixed_map_(std::move(fixed_map)),
        origin_(std::move(origin)),
        options_(options),
        ahead_(ahead),
        facts_(source_->facts()),
        units_({options.image_width, options.image_height}) {}

  bool Next(DetectedFrame& frame) override {
    RawFrame raw;
    if (!ReadRaw(raw)) {
      if (clock_.counted() && !std::exchange(warned_, true)) WarnOfTime();
      return false;
    }
    Check(raw);
    units_.Convert(raw);
    frame.people.clear();
    frame.index = clock_.Next(raw.numbered ? raw.image : "");
    frame.image = raw.image.empty() ? std::to_string(frame.index) : raw.image;
    if (clock_.counted() && !std::exchange(warned_, true)) WarnOfTime();
    for (RawPerson& raw_person : raw.people) {
      DetectedPerson person;
      if (raw_person.absent.empty()) {
        static_cast<Joints2d&>(person) = MapKeypoints(*map_, raw_person.keypoints, options_.min_confidence);
      }
      person.unusable = std::move(raw_person.absent);
      person.person = static_cast<int>(frame.people.size());
      const bool file = options_.tracks == TrackSource::kAuto || options_.tracks == TrackSource::kFile;
      if (file) person.track = std::move(raw_person.track);
      file_tracks_ = file_tracks_ || !person.track.empty();
      frame.people.push_back(std::move(person));
    }
    Follow(frame);
    return true;
  }

  std::string format() const override { return format_; }
  std::string map() const override { return map_ ? map_->name : ""; }
  JointDefinition joints() const override { return joints_; }
  int64_t fixed_swaps() const override { return swaps_.fixed(); }

 private:
  /// The next frame; the first ones are judged before the first is given.
  bool ReadRaw(RawFrame& raw) {
    try {
      if (!map_ && !Judge()) return false;
    } catch (const Error&) {
      first_.clear();  // the next call goes on behind them
      throw;
    }
    if (first_.empty()) return source_->Next(raw);
    raw = std::move(first_.front());
    first_.pop_front();
    return true;
  }

  /// Reads until people can be judged, or only the frame asked for; false at the end of the input.
  bool Judge() {
    if (ended_ && first_.empty()) return false;
    size_t people = 0;
    for (const RawFrame& frame : first_) people += People(frame);
    while (!ended_ && people < kPeopleToJudge && first_.size() < kFramesToJudge &&
           (ahead_ || first_.empty())) {
      RawFrame raw;
      if (!source_->Next(raw)) {
        ended_ = true;
        break;
      }
      people += People(raw);
      first_.push_back(std::move(raw));
    }
    if (first_.empty()) return false;
    if (people == 0) return true;  // no map is needed for nobody
    std::vector<const Keypoints*> keypoints;
    const RawFrame* where = nullptr;
    size_t at = 0;
    for (const RawFrame& frame : first_) {
      for (size_t i = 0; i < frame.people.size(); ++i) {
        if (!frame.people[i].absent.empty()) continue;
        if (where == nullptr) {
          where = &frame;
          at = i;
        }
        units_.Learn(frame.people[i].keypoints);
        keypoints.push_back(&frame.people[i].keypoints);
      }
    }
    if (!facts_.names.empty() && facts_.names.size() != where->people[at].keypoints.confidence.size()) {
      throw Error(where->where, ": expected a keypoint for each of the ", facts_.names.size(),
                  " names in the file, found ", where->people[at].keypoints.size());
    }
    map_ = ChooseMap(options_.map, fixed_map_, facts_, where->names, keypoints, where->where);
    FitJoints(where->where);
    if (!units_.Text().empty()) LogInfo(Concat(origin_, ": ", units_.Text()));
    return true;
  }

  /// Makes the map's joints those asked for, as far as it can.
  void FitJoints(const std::string& where) {
    const bool own = options_.map.ends_with(".yaml") || options_.map.ends_with(".yml") || !map_->automatic;
    joints_ = facts_.joints;  // of pose files
    if (format_ != "pose-file") {
      if (options_.joints == JointDefinition::kDetector && !own) map_ = WithDetectorJoints(*map_);
      joints_ = DefinitionOf(*map_);
    }
    WarnOfOtherJoints(joints_, Concat(where, ": its"), options_.joints, "those asked for or of the run");
  }

  static size_t People(const RawFrame& frame) {
    size_t people = 0;
    for (const RawPerson& person : frame.people) people += person.absent.empty() ? 1 : 0;
    return people;
  }

  /// The map takes this many keypoints, and so many had everyone before.
  void Check(const RawFrame& raw) {
    for (const RawPerson& person : raw.people) {
      if (!person.absent.empty()) continue;
      const int keypoints = person.keypoints.size();
      if (keypoints_ == 0 && map_->Takes(keypoints)) keypoints_ = keypoints;
      if (keypoints_ == 0) {
        throw Error(raw.where, ": expected ", map_->counts[0], " keypoints for the map ", map_->name,
                    ", found ", keypoints);
      }
      if (keypoints != keypoints_) {
        throw Error(raw.where, ": expected ", keypoints_, " keypoints as before, found ", keypoints);
      }
    }
  }

  /// Tracks, and the sides that they put right.
  void Follow(DetectedFrame& frame) {
    const TrackSource tracks = options_.tracks;
    if (tracks == TrackSource::kLink || tracks == TrackSource::kAuto) {
      if (!linker_) linker_.emplace(file_tracks_ ? "linked-" : "");
      linker_->Link(frame.people, frame.index);
    }
    for (DetectedPerson& person : frame.people) {
      if (options_.fix_swaps) swaps_.Fix(person, frame.index);
    }
  }

  void WarnOfTime() const {
    LogWarning(
        Concat(origin_, ": the images' names are no numbers that rise: frames are counted as they come"));
  }

  std::unique_ptr<FrameSource> source_;
  std::string format_, fixed_map_, origin_;
  DetectionOptions options_;
  bool ahead_, ended_ = false, warned_ = false, file_tracks_ = false;
  SourceFacts facts_;
  PixelUnits units_;
  std::deque<RawFrame> first_;  // read, but not given yet
  std::optional<KeypointMap> map_;
  JointDefinition joints_ = JointDefinition::kNotStated;
  int keypoints_ = 0;  // of everyone so far
  FrameClock clock_;
  std::optional<TrackLinker> linker_;
  SideSwaps swaps_;
};

class MemorySource : public FrameSource {
 public:
  explicit MemorySource(std::function<bool(KeypointFrame&)> next) : next_(std::move(next)) {}

  bool Next(RawFrame& frame) override {
    KeypointFrame given;
    if (!next_(given)) return false;
    frame = {};
    frame.image = std::to_string(given.index);
    frame.where = "frame " + frame.image;
    for (size_t i = 0; i < given.people.size(); ++i) {
      frame.people.push_back({given.tracks.empty() ? "" : given.tracks[i], "", std::move(given.people[i])});
    }
    return true;
  }

 private:
  std::function<bool(KeypointFrame&)> next_;
};

void CheckOptions(const DetectionOptions& options) {
  CheckDetectionFormat(options.format);
  if (options.map != "auto") FindKeypointMap(options.map);
  if (!(options.min_confidence >= 0) || !std::isfinite(options.min_confidence)) {
    throw UsageError("expected a confidence threshold of 0 or more, found ", options.min_confidence);
  }
}

}  // namespace

TrackSource ParseTrackSource(const std::string& name) {
  if (name == "auto") return TrackSource::kAuto;
  if (name == "file") return TrackSource::kFile;
  if (name == "link") return TrackSource::kLink;
  if (name == "none") return TrackSource::kNone;
  throw UsageError("expected auto, file, link or none as the source of tracks, found '", name, "'");
}

void ParseImageSize(const std::string& text, DetectionOptions& options) {
  const size_t cross = text.find('x');
  int width = 0, height = 0;
  const char* end = text.data() + text.size();
  const char* middle = cross == std::string::npos ? end : text.data() + cross;
  const auto w = std::from_chars(text.data(), middle, width);
  const auto h = std::from_chars(middle == end ? end : middle + 1, end, height);
  if (w.ptr != middle || middle == end || h.ptr != end || width < 1 || height < 1 || width > 1000000 ||
      height > 1000000) {
    throw UsageError("expected the size of the images as WIDTHxHEIGHT in pixels, such as 1920x1080, found '",
                     text, "'");
  }
  options.image_width = width;
  options.image_height = height;
}

std::unique_ptr<DetectionReader> OpenDetections(const std::string& path, const DetectionOptions& options) {
  CheckOptions(options);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    throw Error(path, ": expected a file or a folder, found no such thing");
  OpenedInput input = OpenInput(path, options.format);
  return std::make_unique<MappingReader>(std::move(input.source), input.format->name, input.format->map, path,
                                         options, true);
}

std::unique_ptr<DetectionReader> ReadKeypointFrames(std::function<bool(KeypointFrame&)> next,
                                                    const DetectionOptions& options, bool ahead) {
  CheckOptions(options);
  return std::make_unique<MappingReader>(std::make_unique<MemorySource>(std::move(next)), "memory", "",
                                         "keypoints", options, ahead);
}

std::unique_ptr<DetectionReader> ReadDetectionLines(std::istream& in, const std::string& origin,
                                                    const DetectionOptions& options) {
  CheckOptions(options);
  return std::make_unique<MappingReader>(OpenLines(in, origin), "jsonl", "", origin, options, false);
}

}  // namespace links
