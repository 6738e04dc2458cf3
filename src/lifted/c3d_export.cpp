#include "links/lifted/c3d_export.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "links/core/little_endian.h"

namespace links {
namespace {

// The format: The C3D File Format User Guide, Motion Lab Systems. Words have 16 bits, blocks 512 bytes.
constexpr size_t kBlock = 512;
constexpr char kMark = 0x50;
constexpr char kLittleEndian = 84;
constexpr float kScale = -.1f;  // of integers, and of residuals; negative says that the points are floats
constexpr int64_t kMostFrames = 65535;
constexpr float kMmPerMetre = 1e3f;
// Camera 1 in one byte and a residual of one step in the other: readers differ in which is which.
constexpr float kSeen = 257, kGuessed = 0, kAbsent = -1;
constexpr char kText = -1, kInteger = 2, kFloat = 4;

void Append(std::string& bytes, uint64_t value, int width) {
  bytes += LittleEndian(value, width);
}

void Append(std::string& bytes, float value) {
  Append(bytes, std::bit_cast<uint32_t>(value), 4);
}

std::string Integers(std::initializer_list<int64_t> values) {
  std::string bytes;
  for (const int64_t value : values) Append(bytes, static_cast<uint64_t>(value), 2);
  return bytes;
}

std::string Float(double value) {
  std::string bytes;
  Append(bytes, static_cast<float>(value));
  return bytes;
}

std::string Padded(std::string bytes) {
  bytes.resize((bytes.size() + kBlock - 1) / kBlock * kBlock, '\0');
  return bytes;
}

/// The parameter section: groups of named values.
class Parameters {
 public:
  void Group(std::string_view name) {
    Begin(name, static_cast<char>(-++group_));
    End("");
  }

  /// A value, or one for each entry of the last dimension.
  void Add(std::string_view name, char type, std::initializer_list<size_t> dimensions,
           const std::string& data) {
    Begin(name, static_cast<char>(group_));
    std::string value = {type, static_cast<char>(dimensions.size())};
    for (const size_t dimension : dimensions) value += static_cast<char>(dimension);
    End(value + data);
  }
  void Add(std::string_view name, const std::string& text) { Add(name, kText, {text.size()}, text); }

  /// With the header of the section, in whole blocks; the last entry points nowhere.
  std::string Bytes() const {
    std::string all = entries_;
    all[last_] = all[last_ + 1] = 0;
    const size_t blocks = (4 + all.size() + kBlock - 1) / kBlock;
    return Padded(std::string{1, kMark, static_cast<char>(blocks), kLittleEndian} + all);
  }

 private:
  void Begin(std::string_view name, char group) {
    entries_ += static_cast<char>(name.size());
    entries_ += group;
    entries_ += name;
    last_ = entries_.size();
  }
  void End(const std::string& value) {
    Append(entries_, 2 + value.size() + 1,
           2);  // from here to the next entry: itself, the value, no description
    entries_ += value + '\0';
  }

  std::string entries_;
  size_t last_ = 0;
  int group_ = 0;
};

std::string Labels(size_t& width) {
  for (const auto name : kJointNames) width = std::max(width, name.size());
  std::string labels;
  for (const auto name : kJointNames) labels += std::string(name) + std::string(width - name.size(), ' ');
  return labels;
}

std::string ParameterBytes(int64_t frames, double fps, int64_t data_block) {
  Parameters parameters;
  size_t width = 0;
  const std::string labels = Labels(width);
  parameters.Group("POINT");
  parameters.Add("USED", kInteger, {}, Integers({kJoints}));
  parameters.Add("SCALE", kFloat, {}, Float(kScale));
  parameters.Add("RATE", kFloat, {}, Float(fps));
  parameters.Add("DATA_START", kInteger, {}, Integers({data_block}));
  parameters.Add("FRAMES", kInteger, {}, Integers({std::min(frames, kMostFrames)}));
  if (frames > kMostFrames) parameters.Add("LONG_FRAMES", kFloat, {}, Float(static_cast<double>(frames)));
  parameters.Add("LABELS", kText, {width, kJoints}, labels);
  parameters.Add("DESCRIPTIONS", kText, {width, kJoints}, labels);
  parameters.Add("UNITS", "mm");
  parameters.Add("X_SCREEN", "+X");
  parameters.Add("Y_SCREEN", "+Y");
  parameters.Group("ANALOG");
  parameters.Add("USED", kInteger, {}, Integers({0}));
  parameters.Add("GEN_SCALE", kFloat, {}, Float(1));
  parameters.Add("RATE", kFloat, {}, Float(0));
  parameters.Group("FORCE_PLATFORM");
  parameters.Add("USED", kInteger, {}, Integers({0}));
  parameters.Group("TRIAL");
  parameters.Add("ACTUAL_START_FIELD", kInteger, {2}, Integers({1, 0}));
  parameters.Add("ACTUAL_END_FIELD", kInteger, {2}, Integers({frames & 0xffff, frames >> 16}));
  parameters.Add("CAMERA_RATE", kFloat, {}, Float(fps));
  parameters.Group("MANUFACTURER");
  parameters.Add("SOFTWARE", "links " LINKS_VERSION);
  return parameters.Bytes();
}

std::string HeaderBytes(int64_t frames, double fps, int64_t data_block) {
  std::string header = {2, kMark};  // the parameters begin in block 2
  header += Integers({kJoints, 0, 1, std::min(frames, kMostFrames), 0});
  Append(header, kScale);
  header += Integers({data_block, 0});
  return Padded(header + Float(fps));
}

}  // namespace

std::string C3dBytes(const LiftedTrack& track, int64_t frames, double fps) {
  const size_t length = ParameterBytes(frames, fps, 0).size();
  const auto data_block = static_cast<int64_t>(2 + length / kBlock);
  std::string bytes = HeaderBytes(frames, fps, data_block) + ParameterBytes(frames, fps, data_block);
  size_t next = 0;
  for (int64_t frame = 0; frame < frames; ++frame) {
    const bool there = next < track.frames.size() && track.frames[next] == frame;
    for (int joint = 0; joint < kJoints; ++joint) {
      const float* at = there ? &track.poses[next][3 * joint] : nullptr;
      const bool seen = there && (track.seen.empty() || track.seen[next][joint]);
      for (int k = 0; k < 3; ++k) Append(bytes, there ? kMmPerMetre * (k == 0 ? at[k] : 0 - at[k]) : 0.f);
      Append(bytes, !there ? kAbsent : seen ? kSeen : kGuessed);
    }
    next += there ? 1 : 0;
  }
  return Padded(std::move(bytes));
}

}  // namespace links
