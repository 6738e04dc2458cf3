#include "links/lifted/lifted_writer.h"

#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "lifted_text.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/data/pose_stream.h"
#include "links/lifted/bvh_export.h"
#include "links/skeleton/units.h"

namespace links {
namespace {

namespace fs = std::filesystem;
using Produce = std::function<void(LiftedWriter&)>;

constexpr double kMetresPerMm = 1e-3;
constexpr float kNotSeen = std::numeric_limits<float>::quiet_NaN();
constexpr int64_t kMostBvhFrames = 10'000'000;

/// Text of each frame to a stream.
class TextWriter : public LiftedWriter {
 public:
  TextWriter(std::ostream& out, std::string name) : out_(out), name_(std::move(name)) {}

  void Put(const std::string& text) {
    errno = 0;
    out_ << text;
    if (!out_) throw Error("cannot write '", name_, "': ", std::strerror(errno ? errno : EIO));
  }

  void Flush() {
    out_.flush();
    Put("");
  }

 private:
  std::ostream& out_;
  std::string name_;
};

class JsonWriter : public TextWriter {
 public:
  using TextWriter::TextWriter;

  void Begin(const LiftedOptions& options) {
    Put(
        Concat("{\"format\":\"links-lifted\",\"version\":1,\"skeleton\":\"h36m17\","
               "\"units\":\"body: head to root is about 1\",\"axes\":\"",
               options.upright ? "upright" : "camera", "\",\"joint_names\":["));
    for (int joint = 0; joint < kJoints; ++joint) Put(Concat(joint ? ",\"" : "\"", kJointNames[joint], "\""));
    Put("],\"frames\":[");
  }
  void Write(const LiftedFrame& frame) override {
    Put((std::exchange(first_, false) ? "\n" : ",\n") + LiftedJson(frame));
  }
  void End() { Put("\n]}\n"); }

 private:
  bool first_ = true;
};

class LineWriter : public TextWriter {
 public:
  using TextWriter::TextWriter;
  void Begin(const LiftedOptions&) {}
  void Write(const LiftedFrame& frame) override {
    Put(LiftedJson(frame) + "\n");
    Flush();
  }
  void End() {}
};

class CsvWriter : public TextWriter {
 public:
  using TextWriter::TextWriter;
  void Begin(const LiftedOptions&) { Put(LiftedCsvHeader()); }
  void Write(const LiftedFrame& frame) override { Put(LiftedCsv(frame)); }
  void End() {}
};

template <class Writer>
void WriteText(const std::string& path, const LiftedOptions& options, const Produce& produce) {
  WriteFileAtomically(path, [&](const std::string& temporary) {
    errno = 0;
    std::ofstream file(temporary, std::ios::binary | std::ios::app);
    if (!file) throw Error("cannot write '", path, "': ", std::strerror(errno ? errno : EIO));
    Writer writer(file, path);
    writer.Begin(options);
    produce(writer);
    writer.End();
    writer.Flush();
  });
}

/// Poses in mm, with the root where the lifters see it.
class PoseWriter : public LiftedWriter {
 public:
  PoseWriter(PoseStream& stream, std::string path) : stream_(stream), path_(std::move(path)) {}

  void Write(const LiftedFrame& frame) override {
    PoseData poses;
    for (const LiftedPerson& person : frame.people) {
      if (!person.unusable.empty()) continue;
      if (!(person.mm_per_unit > 0)) {
        throw UsageError("expected the height of the person for a pose file, which holds mm, found none");
      }
      for (int joint = 0; joint < kJoints; ++joint) {
        const bool seen = person.states[joint] != JointState::kGuessed;
        for (int k = 0; k < 2; ++k) poses.keypoints_2d.push_back(seen ? person.px[2 * joint + k] : kNotSeen);
        poses.confidence.push_back(seen ? person.confidence[joint] : 0);
      }
      for (int i = 0; i < 3 * kJoints; ++i) {
        const double units = person.joints[i] + (i % 3 == 2 ? kRootDepth : 0);
        poses.joints_3d.push_back(static_cast<float>(units * person.mm_per_unit));
      }
      poses.subject.push_back(person.track.empty() ? Concat("person ", person.person) : person.track);
      poses.frame.push_back(frame.index);
    }
    stream_.Append(poses, Concat(path_, ": frame ", frame.index));
  }

 private:
  PoseStream& stream_;
  std::string path_;
};

/// What stands beside the tracks of a BVH while they take their names.
std::string ListOf(const std::string& path) {
  return path + ".unfinished";
}

/// Keeps the tracks; people without one go by their place in the frame.
class TrackWriter : public LiftedWriter {
 public:
  void Write(const LiftedFrame& frame) override {
    if (!begun_) first_ = frame.index;
    begun_ = true;
    frames_ = frame.index - first_ + 1;
    if (frames_ > kMostBvhFrames) {
      throw Error("expected at most ", kMostBvhFrames, " frames in a BVH, found the frame ", frame.index,
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
      const double scale = person.mm_per_unit > 0 ? person.mm_per_unit * kMetresPerMm : 1;
      auto& pose = track.poses.emplace_back();
      for (size_t i = 0; i < pose.size(); ++i)
        pose[i] = static_cast<float>((person.joints[i] + person.root[i % 3]) * scale);
    }
  }

  std::vector<std::string> Save(const std::string& path, double fps) const {
    if (tracks_.empty()) throw Error(path, ": expected at least one person to write, found none");
    std::set<std::string> files;
    std::vector<std::string> paths;
    std::vector<const LiftedTrack*> tracks;
    for (const auto& [key, track] : tracks_) {
      paths.push_back(FileOf(path, track.name, files));
      files.insert(paths.back());
      tracks.push_back(&track);
    }
    WriteFilesAtomically(paths, ListOf(path), [&](size_t i) { return BvhText(*tracks[i], frames_, fps); });
    return {files.begin(), files.end()};
  }

 private:
  /// path itself for the only track, else path_TRACK.bvh with what a file name cannot hold replaced.
  std::string FileOf(const std::string& path, std::string name, const std::set<std::string>& taken) const {
    if (tracks_.size() == 1) return path;
    for (char& letter : name) {
      if (!std::isalnum(static_cast<unsigned char>(letter)) && letter != '-') letter = '_';
    }
    const fs::path base(path);
    const std::string stem = Concat(base.stem().string(), "_", name.substr(0, 100));
    std::string file = (base.parent_path() / (stem + ".bvh")).string();
    for (int n = 2; taken.count(file) > 0; ++n)
      file = (base.parent_path() / Concat(stem, "_", n, ".bvh")).string();
    return file;
  }

  std::map<std::pair<bool, std::string>, LiftedTrack> tracks_;
  int64_t first_ = 0, frames_ = 0;  // first_: index of the first frame, the motion's frame 0
  bool begun_ = false;
};

}  // namespace

void CheckLiftedPath(const std::string& path) {
  const std::string extension = fs::path(path).extension().string();
  for (const char* known : {".json", ".jsonl", ".csv", ".bvh", ".h5"}) {
    if (extension == known) return CheckWritable(path);
  }
  throw UsageError("expected a file name ending in .json, .jsonl, .csv, .bvh or .h5, found '", path, "'");
}

std::vector<std::string> WriteLifted(const std::string& path, const LiftedOptions& options,
                                     const Produce& produce) {
  CheckLiftedPath(path);
  if (!(options.fps >= .01 && options.fps <= 1e4)) {
    throw UsageError("expected 0.01 to 10000 frames a second, found ", options.fps);
  }
  const std::string extension = fs::path(path).extension().string();
  if (extension == ".h5" && options.upright) {
    throw UsageError("expected the camera's axes for a pose file, found upright ones");
  }
  if (extension == ".bvh") {
    if (const size_t left = FinishWritingFiles(ListOf(path)); left > 0)
      LogWarning(Concat(path, ": ", left, left == 1 ? " track" : " tracks",
                        " of an earlier command that was killed took their place only now"));
    TrackWriter writer;
    produce(writer);
    return writer.Save(path, options.fps);
  }
  if (extension == ".json") {
    WriteText<JsonWriter>(path, options, produce);
  } else if (extension == ".jsonl") {
    WriteText<LineWriter>(path, options, produce);
  } else if (extension == ".csv") {
    WriteText<CsvWriter>(path, options, produce);
  } else {
    StreamPoseFile(path, options.source, "", [&](PoseStream& stream) {
      stream.SetJoints(options.joints);
      PoseWriter writer(stream, path);
      produce(writer);
    });
  }
  return {path};
}

std::unique_ptr<LiftedWriter> LiftedLines(std::ostream& out) {
  return std::make_unique<LineWriter>(out, "the output");
}

}  // namespace links
