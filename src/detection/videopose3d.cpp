#include <cmath>
#include <filesystem>
#include <limits>

#include "frame_source.h"
#include "links/core/error.h"
#include "numpy_file.h"

namespace links {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// What VideoPose3D's prepare_data_2d_custom.py writes: positions_2d[video][action] = a list of (F, K, 2)
/// arrays, one a camera, and metadata with the layout's name and each video's size. Frame by frame, clip
/// after clip.
class VideoPose3d : public FrameSource {
 public:
  explicit VideoPose3d(const std::string& path) : path_(path) {
    const auto arrays = ReadNumpyFile(path);
    const auto positions = arrays.find("positions_2d");
    if (positions == arrays.end()) {
      throw Error(path,
                  ": expected VideoPose3D's keypoints (an .npz with positions_2d), found an .npz without it");
    }
    if (const auto metadata = arrays.find("metadata"); metadata != arrays.end())
      ReadMetadata(metadata->second);
    for (const auto& [video, actions] : Dictionary(positions->second)) {
      for (const auto& [action, cameras] : Dictionary(*actions)) AddClips(video, action, *cameras);
    }
  }

  SourceFacts facts() const override {
    SourceFacts facts;
    facts.dataset = layout_;
    return facts;
  }

  bool Next(RawFrame& frame) override {
    frame = {};
    while (clip_ < clips_.size() && frame_ == clips_[clip_].keypoints.shape[0]) {
      ++clip_;
      frame_ = 0;
    }
    if (clip_ == clips_.size()) return false;
    const Clip& clip = clips_[clip_];
    frame.image = Concat(clip.name, "/", frame_);
    frame.where = Concat(path_, ": ", frame.image);
    frame.size = clip.size;
    RawPerson& person = frame.people.emplace_back();
    person.track = clip.name;
    const size_t count = clip.keypoints.shape[1], width = clip.keypoints.shape[2];
    for (size_t i = 0; i < count; ++i) {
      const double* at = &clip.keypoints.values[(frame_ * count + i) * width];
      const bool missing = !std::isfinite(at[0]) || !std::isfinite(at[1]) || (at[0] == -1 && at[1] == -1);
      for (int k = 0; k < 2; ++k)
        person.keypoints.px.push_back(missing ? kMissing : CheckedNumber(at[k], frame.where));
      person.keypoints.confidence.push_back(width == 3 ? CheckedNumber(at[2], frame.where) : 1);
    }
    ++frame_;
    return true;
  }

 private:
  using Kind = NumpyValue::Kind;
  struct Clip {
    std::string name;
    NumpyValue keypoints;
    ImageSize size;
  };

  [[noreturn]] void Fail(const std::string& found) const {
    throw Error(path_,
                ": expected positions_2d[video][action] = a list of arrays (frames, keypoints, 2), found ",
                found);
  }

  const std::vector<std::pair<std::string, std::shared_ptr<NumpyValue>>>& Dictionary(
      const NumpyValue& value) const {
    if (value.kind != Kind::kDictionary) Fail("no dictionary");
    return value.entries;
  }

  void AddClips(const std::string& video, const std::string& action, const NumpyValue& cameras) {
    const bool list = cameras.kind == Kind::kList;
    const size_t count = list ? cameras.items.size() : 1;
    for (size_t i = 0; i < count; ++i) {
      const NumpyValue& keypoints = list ? *cameras.items[i] : cameras;
      const auto& shape = keypoints.shape;
      if (keypoints.kind != Kind::kArray || shape.size() != 3 || shape[1] == 0 ||
          (shape[2] != 2 && shape[2] != 3)) {
        Fail(Concat("something else for '", video, "', '", action, "'"));
      }
      const auto size = sizes_.find(video);
      clips_.push_back({Concat(video, "/", action, count > 1 ? Concat("/", i) : ""), keypoints,
                        size == sizes_.end() ? ImageSize{} : size->second});
    }
  }

  void ReadMetadata(const NumpyValue& metadata) {
    for (const auto& [key, value] : metadata.entries) {
      if (key == "layout_name") layout_ = value->text;
      if (key != "video_metadata") continue;
      for (const auto& [video, properties] : value->entries) {
        for (const auto& [name, number] : properties->entries) {
          if (name == "w") sizes_[video].width = number->number;
          if (name == "h") sizes_[video].height = number->number;
        }
      }
    }
  }

  std::string path_, layout_;
  std::map<std::string, ImageSize> sizes_;
  std::vector<Clip> clips_;
  size_t clip_ = 0, frame_ = 0;
};

}  // namespace

std::unique_ptr<FrameSource> OpenVideoPose3d(const std::string& path) {
  return std::make_unique<VideoPose3d>(path);
}

}  // namespace links
