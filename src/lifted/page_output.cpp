#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "lifted_output.h"
#include "links/core/error.h"
#include "links/core/html.h"
#include "links/lifted/viewer.h"
#include "links/video/video.h"
#include "page_files.h"

namespace links {
namespace {

using nlohmann::ordered_json;

constexpr double kMostStep = 32767;
constexpr double kSpreadStep = .01, kMostSpread = 255;
constexpr int kPictureSide = 640;
constexpr size_t kPictureBytes = 30'000'000;

/// Appends values as numbers of 16 bits and returns the step that they count.
template <size_t count>
float Quantise(const std::array<double, count>& values, std::vector<int16_t>& to) {
  double most = 0;
  for (const double value : values) most = std::max(most, std::abs(value));
  const auto step = static_cast<float>(most > 0 ? most / kMostStep : 1);
  for (const double value : values) {
    to.push_back(static_cast<int16_t>(std::clamp(std::round(value / step), -kMostStep, kMostStep)));
  }
  return step;
}

/// The poses of one person. Rows of each array are poses.
struct Track {
  std::string name;
  bool given = false;               // by the file or by linking; else the place in the frame
  std::vector<uint32_t> frame;      // place among the frames
  std::vector<float> root, scale;   // px
  std::vector<float> plausibility;  // NaN = not known
  std::vector<float> joint_step, px_step;
  std::vector<int16_t> joints;  // (17, 3) units of the body over joint_step
  std::vector<int16_t> px;      // (17, 2) from the root, px over px_step; 0 where not seen
  std::vector<uint8_t> states;  // (17) as JointState
  std::vector<uint8_t> spread;  // (17) hundredths of a unit; 0 = not known

  void Add(const LiftedPerson& person, uint32_t at) {
    frame.push_back(at);
    std::array<double, 2 * kJoints> from_root{};
    for (int j = 0; j < kJoints; ++j) {
      states.push_back(static_cast<uint8_t>(person.states[j]));
      const double radius = person.spread.empty() ? 0 : person.spread[j];
      spread.push_back(static_cast<uint8_t>(std::min(std::round(radius / kSpreadStep), kMostSpread)));
      if (person.states[j] == JointState::kGuessed) continue;
      for (int k = 0; k < 2; ++k) from_root[2 * j + k] = person.px[2 * j + k] - person.root_px[k];
    }
    for (const double value : person.root_px) root.push_back(static_cast<float>(value));
    scale.push_back(static_cast<float>(person.scale_px));
    plausibility.push_back(static_cast<float>(person.plausibility));
    Joints3 placed = person.joints;
    for (size_t i = 0; i < placed.size(); ++i) placed[i] += person.root[i % 3];
    joint_step.push_back(Quantise(placed, joints));
    px_step.push_back(Quantise(from_root, px));
  }

  /// Every array with its name, type and columns; take(name, type, columns, values).
  template <class Take>
  void ForEachArray(const Take& take) const {
    take("frame", "uint32", 1, frame);
    take("root", "float32", 2, root);
    take("scale", "float32", 1, scale);
    take("plausibility", "float32", 1, plausibility);
    take("joint_step", "float32", 1, joint_step);
    take("px_step", "float32", 1, px_step);
    take("joints", "int16", 3 * kJoints, joints);
    take("px", "int16", 2 * kJoints, px);
    take("states", "uint8", kJoints, states);
    take("spread", "uint8", kJoints, spread);
  }
};

class Page : public LiftedOutput {
 public:
  explicit Page(const OutputPlace& place)
      : path_(place.path), options_(place.options), file_(place.files.Add(path_)) {}

  void Write(const LiftedFrame& frame) override {
    const auto at = static_cast<uint32_t>(index_.size());
    index_.push_back(frame.index);
    images_.push_back(frame.image);
    numbered_ &= frame.image == std::to_string(frame.index);
    for (const LiftedPerson& person : frame.people) {
      if (!person.unusable.empty()) continue;
      const bool given = !person.track.empty();
      const std::string name = given ? person.track : std::to_string(person.person);
      const auto [place, added] = place_.try_emplace({given, name}, tracks_.size());
      if (added) tracks_.emplace_back();
      Track& track = tracks_[place->second];
      track.name = name;
      track.given = given;
      if (!track.frame.empty() && track.frame.back() == at)
        throw Error("expected the track '", name, "' once in frame ", frame.index, ", found it twice");
      track.Add(person, at);
    }
  }

  std::vector<std::string> Finish() override {
    if (tracks_.empty()) throw Error(path_, ": expected at least one person to show, found none");
    std::stable_sort(tracks_.begin(), tracks_.end(),
                     [](const Track& a, const Track& b) { return a.frame.size() > b.frame.size(); });
    std::string bytes;
    ordered_json header = Header(bytes);
    const std::string pictures = Pictures(header);
    const std::map<std::string_view, std::string> parts = {
        {"css", std::string(kPageCss)},
        {"viewer", std::string(kViewerJs)},
        {"js", std::string(kPageJs)},
        {"header", JsonForHtml(header.dump(-1, ' ', true, ordered_json::error_handler_t::replace))},
        {"data", Base64(bytes)},
        {"pictures", pictures}};
    WriteFileAtomically(file_, FillPage(kPageHtml, parts));
    return {path_};
  }

 private:
  ordered_json Header(std::string& bytes) const {
    ordered_json header = {{"format", "links-page"},
                           {"version", 1},
                           {"title", std::filesystem::path(path_).stem().string()},
                           {"source", options_.source},
                           {"fps", options_.fps}};
    for (const auto name : kJointNames) header["joints"].push_back(name);
    for (const Bone& bone : kBoneList) header["bones"].push_back({bone.parent, bone.child});
    header["index"] = index_;
    if (!numbered_) header["images"] = images_;
    tracks_.front().ForEachArray([&](const char* name, const char* type, int columns, const auto&) {
      header["arrays"].push_back({{"name", name}, {"type", type}, {"columns", columns}});
    });
    for (const Track& track : tracks_) {
      header["tracks"].push_back({{"name", track.name},
                                  {"given", track.given},
                                  {"poses", track.frame.size()},
                                  {"offset", bytes.size()}});
      track.ForEachArray([&](const char*, const char*, int, const auto& values) {
        const auto part = std::as_bytes(std::span(values));
        bytes.append(reinterpret_cast<const char*>(part.data()), part.size());
        bytes.resize((bytes.size() + 3) / 4 * 4);
      });
    }
    return header;
  }

  /// A list of JPEGs in base64; the header gets which frame has which.
  std::string Pictures(ordered_json& header) const {
    if (options_.video == nullptr) return "[]";
    std::vector<FrameName> frames;
    for (size_t i = 0; i < index_.size(); ++i) frames.push_back({index_[i], images_[i]});
    const auto jpegs = options_.video->Jpegs(frames, kPictureSide, kPictureBytes);
    std::string list = "[";
    for (const Video::Jpeg& jpeg : jpegs) {
      list += (list.size() > 1 ? ",\"" : "\"") + Base64(jpeg.bytes) + "\"";
      header["pictures"].push_back({{"frame", jpeg.frame}, {"width", jpeg.width}, {"height", jpeg.height}});
    }
    return list + "]";
  }

  std::string path_;
  const LiftedOptions& options_;
  std::string file_;
  std::vector<int64_t> index_;
  std::vector<std::string> images_;
  bool numbered_ = true;
  std::vector<Track> tracks_;
  std::map<std::pair<bool, std::string>, size_t> place_;
};

}  // namespace

std::unique_ptr<LiftedOutput> PageOutput(const OutputPlace& place) {
  return std::make_unique<Page>(place);
}

}  // namespace links
