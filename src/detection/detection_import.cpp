#include "links/detection/detection_import.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iomanip>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <unordered_map>

#include "links/core/error.h"
#include "links/core/log.h"
#include "links/core/text_table.h"
#include "links/data/pose_stream.h"
#include "links/skeleton/segments.h"
#include "track_linker.h"

namespace links {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kPiece = 4096;       // poses written at once
constexpr int64_t kForgetAfter = 300;  // frames, as the linker does
constexpr size_t kMostNameBytes = 64;  // of a pose file
constexpr double kSecondsBetweenReports = 10;

/// A name that a pose file takes: its end, which tells more than its beginning.
std::string Shortened(const std::string& name) {
  if (name.size() <= kMostNameBytes) return name;
  size_t begin = name.size() - kMostNameBytes + 3;
  while (begin < name.size() && (static_cast<unsigned char>(name[begin]) & 0xC0) == 0x80)
    ++begin;  // a whole letter
  return "..." + name.substr(begin);
}

/// Names of the inputs that tell them apart: the file's, with folders above it where two are equal.
std::vector<std::string> InputNames(const std::vector<std::string>& inputs) {
  std::vector<std::string> names(inputs.size());
  for (int parts = 1; parts <= 4; ++parts) {
    std::map<std::string, int> count;
    for (const std::string& name : names) ++count[name];
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (parts > 1 && count[names[i]] == 1) continue;
      fs::path path = fs::absolute(inputs[i]).lexically_normal();
      if (path.filename().empty()) path = path.parent_path();
      std::string name = fs::is_directory(path) ? path.filename().string() : path.stem().string();
      for (int up = 1; up < parts; ++up) {
        path = path.parent_path();
        if (!path.filename().empty()) name.insert(0, path.filename().string() + "/");
      }
      names[i] = name;
    }
  }
  std::set<std::string> taken;
  for (size_t i = 0; i < names.size(); ++i) {
    names[i] = Shortened(names[i]);
    if (!taken.insert(names[i]).second) names[i] = Shortened(Concat(names[i], "#", i + 1));
  }
  return names;
}

/// Which joints must be seen, or how many.
class Requirement {
 public:
  explicit Requirement(const std::string& text) : text_(text) {
    for (const Segment segment : kSegments) {
      if (text == SegmentName(segment) && segment != Segment::kFull) joints_ = NeededJoints(segment);
    }
    if (text == "all") count_ = kJoints;
    if (!joints_.empty() || count_ > 0) return;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count_);
    if (error != std::errc() || end != text.data() + text.size() || count_ < 1 || count_ > kJoints) {
      throw UsageError(
          "expected all, legs, torso, left, right or a number of joints from 1 to 17 as what is required, "
          "found '",
          text, "'");
    }
  }

  bool IsMet(const Joints2d& joints) const {
    if (joints_.empty()) return std::count(joints.seen.begin(), joints.seen.end(), true) >= count_;
    return std::all_of(joints_.begin(), joints_.end(), [&](int joint) { return joints.seen[joint]; });
  }

  std::string Text() const {
    if (text_ == "all") return "all joints seen";
    return joints_.empty() ? Concat(text_, " joints seen")
                           : Concat("all joints of the segment ", text_, " seen");
  }

 private:
  std::string text_;
  std::vector<int> joints_;
  int count_ = 0;
};

/// The last pose kept of every track.
class LastKept {
 public:
  explicit LastKept(double distinct) : distinct_(distinct) {}

  /// Whether the pose differs from the last one kept; remembers it then.
  bool IsNew(const DetectedPerson& person, int64_t frame) {
    if (distinct_ <= 0 || person.track.empty()) return true;
    if (frame - swept_ > kForgetAfter) {
      std::erase_if(tracks_, [&](const auto& track) { return frame - track.second.frame > kForgetAfter; });
      swept_ = frame;
    }
    const auto [place, fresh] = tracks_.try_emplace(person.track, Kept{person, frame});
    if (fresh) return true;
    Kept& kept = place->second;
    kept.frame = frame;
    if (!Differs(kept.joints, person)) return false;
    kept.joints = person;
    return true;
  }

 private:
  struct Kept {
    Joints2d joints;
    int64_t frame;
  };

  bool Differs(const Joints2d& before, const Joints2d& now) const {
    if (before.seen != now.seen) return true;
    const double size = std::max(BodySize(before), BodySize(now));
    // Against the root, or the first joint where that is not seen.
    const int origin =
        now.seen[kRoot]
            ? kRoot
            : static_cast<int>(std::find(now.seen.begin(), now.seen.end(), true) - now.seen.begin());
    for (int joint = 0; joint < kJoints; ++joint) {
      if (!now.seen[joint]) continue;
      double moved[2];
      for (int k = 0; k < 2; ++k) {
        moved[k] = (now.px[2 * joint + k] - now.px[2 * origin + k]) -
                   (before.px[2 * joint + k] - before.px[2 * origin + k]);
      }
      if (std::hypot(moved[0], moved[1]) >= distinct_ * size) return true;
    }
    return false;
  }

  double distinct_;
  std::map<std::string, Kept> tracks_;
  int64_t swept_ = 0;
};

/// Evenly spread numbers in [0, 1) for keys, whatever these look like.
double Draw(const std::string& key, uint64_t seed) {
  uint64_t bits = std::hash<std::string>()(key) ^ (seed * 0x9E3779B97F4A7C15);
  for (int i = 0; i < 2; ++i) {  // the finaliser of SplitMix64
    bits += 0x9E3779B97F4A7C15;
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
    bits ^= bits >> 31;
  }
  return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

/// Poses on their way to a file.
class Outlet {
 public:
  void Open(PoseStream* stream) { stream_ = stream; }

  void Add(const DetectedPerson& person, int64_t frame, const std::string& input, const std::string& format) {
    for (int joint = 0; joint < kJoints; ++joint) {
      for (int k = 0; k < 2; ++k) {
        poses_.keypoints_2d.push_back(person.seen[joint] ? person.px[2 * joint + k]
                                                         : std::numeric_limits<float>::quiet_NaN());
      }
      poses_.confidence.push_back(person.confidence[joint]);
    }
    poses_.subject.push_back(Shortened(
        Concat(input, "/", person.track.empty() ? Concat("person ", person.person) : person.track)));
    poses_.action.push_back(format);
    poses_.camera.push_back(input);
    poses_.frame.push_back(frame);
    if (poses_.size() >= kPiece) Flush();
  }

  void Flush() {
    stream_->Append(poses_, "detections");
    poses_ = {};
  }

 private:
  PoseStream* stream_ = nullptr;
  PoseData poses_;
};

class Import {
 public:
  Import(const std::vector<std::string>& inputs, const DetectionImportOptions& options)
      : inputs_(inputs), names_(InputNames(inputs)), options_(options), requirement_(options.require) {
    counts_.required = requirement_.Text();
    ChooseInputs();
  }

  void Run(PoseStream& output, PoseStream* rest) {
    output_.Open(&output);
    rest_.Open(rest);
    for (size_t i = 0; i < inputs_.size(); ++i) Read(i);
    for (PoseStream* stream : {&output, rest}) {
      if (stream != nullptr) stream->SetJoints(joints_);
    }
    output_.Flush();
    if (rest != nullptr) rest_.Flush();
    counts_.seconds = Seconds();
    if (counts_.kept == 0) throw Error("expected people to keep, found none:\n", counts_.Text());
    if (rest != nullptr && (counts_.rest == 0 || counts_.rest == counts_.kept)) {
      throw Error("expected people on both sides of the split, found all ", counts_.kept,
                  " on one (another --seed, --by or --split)");
    }
  }

  const ImportedPeople& counts() const { return counts_; }

 private:
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  /// Whole inputs are few: the share is kept exactly, and neither side is empty.
  void ChooseInputs() {
    if (options_.rest.empty() || options_.by != SplitBy::kInput) return;
    if (inputs_.size() < 2) throw UsageError("expected several inputs to split by input, found one");
    std::vector<std::pair<double, size_t>> order;
    for (size_t i = 0; i < names_.size(); ++i) order.emplace_back(Draw(names_[i], options_.seed), i);
    std::sort(order.begin(), order.end());
    const auto wanted = std::lround(options_.split * static_cast<double>(inputs_.size()));
    const auto count = std::clamp<int64_t>(wanted, 1, static_cast<int64_t>(inputs_.size()) - 1);
    for (int64_t i = 0; i < count; ++i) rest_inputs_.insert(order[i].second);
  }

  void Read(size_t input) {
    const auto reader = OpenDetections(inputs_[input], options_.detections);
    LastKept last(options_.distinct);
    ++counts_.inputs;
    for (DetectedFrame frame; reader->Next(frame);) {
      ++counts_.frames;
      for (const DetectedPerson& person : frame.people) Take(person, frame, input, *reader, last);
      if (Seconds() > shown_ + kSecondsBetweenReports) {
        shown_ = Seconds();
        LogInfo(Concat(counts_.seen, " people of ", counts_.frames, " frames read, ", counts_.kept, " kept"));
      }
    }
    counts_.fixed_swaps += reader->fixed_swaps();
    if (input > 0)
      WarnOfOtherJoints(joints_, names_[0] + ": its", reader->joints(), "those of " + names_[input]);
    joints_ = input > 0 ? Together(joints_, reader->joints()) : reader->joints();
  }

  void Take(const DetectedPerson& person, const DetectedFrame& frame, size_t input,
            const DetectionReader& reader, LastKept& last) {
    ++counts_.seen;
    if (!person.unusable.empty() || std::count(person.seen.begin(), person.seen.end(), true) == 0) {
      ++counts_.absent;
    } else if (BodySize(person) < options_.min_size_px) {
      ++counts_.small;
    } else if (!requirement_.IsMet(person)) {
      ++counts_.incomplete;
    } else if (!last.IsNew(person, frame.index)) {
      ++counts_.alike;
    } else {
      const bool rest = GoesToRest(person, frame, input);
      ++counts_.kept;
      counts_.rest += rest ? 1 : 0;
      (rest ? rest_ : output_).Add(person, frame.index, names_[input], reader.format());
    }
  }

  bool GoesToRest(const DetectedPerson& person, const DetectedFrame& frame, size_t input) const {
    if (options_.rest.empty()) return false;
    if (options_.by == SplitBy::kInput) return rest_inputs_.contains(input);
    const bool by_track = options_.by == SplitBy::kTrack && !person.track.empty();
    const std::string key =
        Concat(names_[input], by_track ? "/track " : "/image ", by_track ? person.track : frame.image);
    return Draw(key, options_.seed) < options_.split;
  }

  std::vector<std::string> inputs_, names_;
  DetectionImportOptions options_;
  Requirement requirement_;
  std::set<size_t> rest_inputs_;
  ImportedPeople counts_;
  JointDefinition joints_ = JointDefinition::kNotStated;
  Outlet output_, rest_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double shown_ = 0;
};

void CheckOptions(const std::vector<std::string>& inputs, const std::string& output,
                  const DetectionImportOptions& options) {
  if (inputs.empty()) throw UsageError("expected at least one input, found none");
  if ((options.split > 0) != !options.rest.empty()) {
    throw UsageError("expected --split and --rest together, found one of them");
  }
  if (!options.rest.empty() && !(options.split > 0 && options.split < 1)) {
    throw UsageError("expected a share between 0 and 1 to split off, found ", options.split);
  }
  if (!options.rest.empty() &&
      fs::absolute(options.rest).lexically_normal() == fs::absolute(output).lexically_normal()) {
    throw UsageError("expected two different files, found '", output, "' twice");
  }
}

}  // namespace

SplitBy ParseSplitBy(const std::string& name) {
  if (name == "track") return SplitBy::kTrack;
  if (name == "image") return SplitBy::kImage;
  if (name == "input") return SplitBy::kInput;
  throw UsageError("expected track, image or input as what is split by, found '", name, "'");
}

std::string ImportedPeople::Text() const {
  TextTable table({"", "people", "%"});
  const auto row = [&](const std::string& name, int64_t count) {
    char share[32];
    std::snprintf(share, sizeof share, "%.1f",
                  seen > 0 ? 100. * static_cast<double>(count) / static_cast<double>(seen) : 0.);
    table.AddRow({name, std::to_string(count), share});
  };
  row(Concat("seen in ", frames, " frames of ", inputs, inputs == 1 ? " input" : " inputs"), seen);
  row("dropped: no keypoints, or no person", absent);
  row("dropped: too small", small);
  row(Concat("dropped: without ", required), incomplete);
  row("dropped: like the one before of the track", alike);
  row("kept", kept);
  if (rest > 0) row("  of these in the rest", rest);
  if (fixed_swaps > 0) row("left and right exchanged back", fixed_swaps);
  std::string text = table.Text();
  if (seconds > 0) text += Concat(std::llround(static_cast<double>(seen) / seconds), " people a second\n");
  return text;
}

ImportedPeople ImportDetections(const std::vector<std::string>& inputs, const std::string& output,
                                const DetectionImportOptions& options) {
  CheckOptions(inputs, output, options);
  Import import(inputs, options);
  std::string source = Concat("detections, ", inputs.size(), inputs.size() == 1 ? " input" : " inputs");
  StreamPoseFile(output, source, "", [&](PoseStream& stream) {
    if (options.rest.empty()) return import.Run(stream, nullptr);
    StreamPoseFile(options.rest, source, "", [&](PoseStream& rest) { import.Run(stream, &rest); });
  });
  return import.counts();
}

}  // namespace links
