#include <cctype>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "lifted_output.h"
#include "links/core/error.h"
#include "links/lifted/bvh_export.h"
#include "links/lifted/c3d_export.h"
#include "links/lifted/trc_export.h"

namespace links {
namespace {

namespace fs = std::filesystem;

constexpr double kMetresPerMm = 1e-3;
constexpr int64_t kMostFrames = 10'000'000;

/// The bytes of the file that shall be called `path`.
using TrackBytes =
    std::function<std::string(const LiftedTrack&, int64_t frames, double fps, const std::string& path)>;

enum class Units { kMetresWhereKnown, kMetres };

/// A file for each track; people without one go by their place in the frame.
class TrackOutput : public LiftedOutput {
 public:
  TrackOutput(const OutputPlace& place, Units units, TrackBytes bytes)
      : path_(place.path),
        units_(units),
        bytes_(std::move(bytes)),
        fps_(place.options.fps),
        files_(place.files) {}

  void Write(const LiftedFrame& frame) override {
    if (!begun_) first_ = frame.index;
    begun_ = true;
    frames_ = frame.index - first_ + 1;
    if (frames_ > kMostFrames) {
      throw Error("expected at most ", kMostFrames, " frames in '", path_, "', found the frame ", frame.index,
                  " after the first, ", first_);
    }
    for (const LiftedPerson& person : frame.people) {
      if (!person.unusable.empty()) continue;
      const std::string name = person.track.empty() ? Concat("person", person.person) : person.track;
      LiftedTrack& track = tracks_[{person.track.empty(), name}];
      track.name = name;
      if (!track.frames.empty() && track.frames.back() >= frame.index - first_) {
        throw Error("expected the track '", name, "' once in frame ", frame.index, ", found it twice");
      }
      track.frames.push_back(frame.index - first_);
      if (units_ == Units::kMetres && !(person.mm_per_unit > 0))
        throw UsageError("expected the height of the person for '", path_, "', which holds mm, found none");
      const double scale = person.mm_per_unit > 0 ? person.mm_per_unit * kMetresPerMm : 1;
      auto& pose = track.poses.emplace_back();
      for (size_t i = 0; i < pose.size(); ++i)
        pose[i] = static_cast<float>((person.joints[i] + person.root[i % 3]) * scale);
      auto& seen = track.seen.emplace_back();
      for (int j = 0; j < kJoints; ++j) seen[j] = person.states[j] != JointState::kGuessed;
    }
  }

  std::vector<std::string> Finish() override {
    if (tracks_.empty()) throw Error(path_, ": expected at least one person to write, found none");
    std::set<std::string> paths;
    for (const auto& [key, track] : tracks_) {
      const std::string path = *paths.insert(FileOf(track.name, paths)).first;
      CheckWritable(path);
      WriteFileAtomically(files_.Add(path), bytes_(track, frames_, fps_, path));
    }
    return {paths.begin(), paths.end()};
  }

 private:
  /// The path itself for the only track, else path_TRACK.extension with what a file name cannot hold
  /// replaced.
  std::string FileOf(std::string name, const std::set<std::string>& taken) const {
    if (tracks_.size() == 1) return path_;
    for (char& letter : name) {
      if (!std::isalnum(static_cast<unsigned char>(letter)) && letter != '-') letter = '_';
    }
    const fs::path base(path_);
    const std::string stem = Concat(base.stem().string(), "_", name.substr(0, 100));
    const std::string extension = base.extension().string();
    std::string file = (base.parent_path() / (stem + extension)).string();
    for (int n = 2; taken.count(file) > 0; ++n)
      file = (base.parent_path() / Concat(stem, "_", n, extension)).string();
    return file;
  }

  std::string path_;
  Units units_;
  TrackBytes bytes_;
  double fps_;
  StagedFiles& files_;
  std::map<std::pair<bool, std::string>, LiftedTrack> tracks_;
  int64_t first_ = 0, frames_ = 0;  // first_: index of the first frame, the motion's frame 0
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<LiftedOutput> BvhOutput(const OutputPlace& place) {
  return std::make_unique<TrackOutput>(place, Units::kMetresWhereKnown,
                                       [](const LiftedTrack& track, int64_t frames, double fps,
                                          const std::string&) { return BvhText(track, frames, fps); });
}

std::unique_ptr<LiftedOutput> TrcOutput(const OutputPlace& place) {
  return std::make_unique<TrackOutput>(
      place, Units::kMetres,
      [](const LiftedTrack& track, int64_t frames, double fps, const std::string& path) {
        return TrcText(track, frames, fps, fs::path(path).filename().string());
      });
}

std::unique_ptr<LiftedOutput> C3dOutput(const OutputPlace& place) {
  return std::make_unique<TrackOutput>(
      place, Units::kMetres, [](const LiftedTrack& track, int64_t frames, double fps, const std::string&) {
        return C3dBytes(track, frames, fps);
      });
}

}  // namespace links
