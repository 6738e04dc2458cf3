#include <gmock/gmock.h>

#include <bit>
#include <cmath>
#include <map>
#include <sstream>

#include "lifted_people.h"
#include "links/lifted/c3d_export.h"
#include "links/lifted/trc_export.h"

// Marker files, read here by the letter of their formats.
namespace links {
namespace {

constexpr int kWristGuessed = 3;  // frame in which the left wrist is not seen

/// Frames 1, 2, ... but for the gap.
LiftedTrack Track(int64_t frames, int64_t gap) {
  LiftedTrack track;
  track.name = "a";
  for (int64_t frame = 1; frame < frames; ++frame) {
    if (frame == gap) continue;
    const Joints3 joints = test::WalkingPerson(.1 * static_cast<double>(frame)).joints;
    track.frames.push_back(frame);
    auto& pose = track.poses.emplace_back();
    for (size_t i = 0; i < pose.size(); ++i) pose[i] = static_cast<float>(joints[i]);
    track.seen.emplace_back().fill(true);
    track.seen.back()[kLWrist] = frame != kWristGuessed;
  }
  return track;
}

/// mm in the files' axes.
double Expected(const LiftedTrack& track, size_t pose, int joint, int axis) {
  return (axis == 0 ? 1e3 : -1e3) * track.poses[pose][3 * joint + axis];
}

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char letter : line) {
    if (letter == '\t')
      cells.emplace_back();
    else
      cells.back() += letter;
  }
  return cells;
}

TEST(TrcExport, HasHeaderMarkersAndEmptyCellsForGaps) {
  const LiftedTrack track = Track(8, 5);
  std::istringstream text(TrcText(track, 8, 50, "a.trc"));
  std::vector<std::vector<std::string>> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(Cells(line));
  ASSERT_EQ(lines.size(), 6u + 8);
  EXPECT_EQ(lines[0], (std::vector<std::string>{"PathFileType", "4", "(X/Y/Z)", "a.trc"}));
  EXPECT_EQ(lines[2], (std::vector<std::string>{"50", "50", "8", "17", "mm", "50", "1", "8"}));
  EXPECT_EQ(lines[3].size(), 2u + 3 * kJoints);
  EXPECT_EQ(lines[4].size(), 2u + 3 * kJoints);
  EXPECT_EQ(lines[5], std::vector<std::string>{""});
  size_t pose = 0;
  for (int64_t frame = 0; frame < 8; ++frame) {
    const std::vector<std::string>& row = lines[6 + frame];
    ASSERT_EQ(row.size(), 2u + 3 * kJoints) << frame;
    EXPECT_EQ(row[0], std::to_string(frame + 1));
    EXPECT_NEAR(std::stod(row[1]), static_cast<double>(frame) / 50, 1e-6);
    const bool there = frame != 0 && frame != 5;
    for (int j = 0; j < kJoints; ++j) {
      EXPECT_EQ(lines[3][2 + 3 * j], kJointNames[j]);
      for (int k = 0; k < 3; ++k) {
        const std::string& cell = row[2 + 3 * j + k];
        ASSERT_EQ(cell.empty(), !there);
        if (!there) continue;
        EXPECT_NEAR(std::stod(cell), Expected(track, pose, j, k), 6e-4);
      }
    }
    pose += there ? 1 : 0;
  }
}

TEST(TrcExport, AFileNameCannotBreakTheHeader) {
  const std::string text = TrcText(Track(2, 9), 2, 50, "a\tb\nc.trc");
  EXPECT_THAT(text, testing::StartsWith("PathFileType\t4\t(X/Y/Z)\ta_b_c.trc\nDataRate"));
}

/// The numbers of a C3D file.
class C3d {
 public:
  explicit C3d(std::string bytes) : bytes_(std::move(bytes)) {
    size_t at = 512 + 4;
    for (std::map<int, std::string> groups; at < bytes_.size() && bytes_[at] != 0;) {
      const auto length = static_cast<size_t>(static_cast<unsigned char>(bytes_[at]));
      const int byte = static_cast<unsigned char>(bytes_[at + 1]), group = byte < 128 ? byte : byte - 256;
      const std::string name = bytes_.substr(at + 2, length);
      const size_t next = at + 2 + length;
      if (group < 0)
        groups[-group] = name;
      else
        places_[groups.at(group) + ":" + name] = next + 2;
      if (Word(next) == 0) break;
      at = next + Word(next);
    }
  }

  size_t Word(size_t at) const { return Byte(at) | Byte(at + 1) << 8; }
  float Real(size_t at) const {
    return std::bit_cast<float>(static_cast<uint32_t>(Word(at) | Word(at + 2) << 16));
  }
  size_t Byte(size_t at) const { return static_cast<unsigned char>(bytes_.at(at)); }
  bool Has(const std::string& name) const { return places_.count(name) > 0; }
  /// Of a parameter: its type, its dimensions and where its values begin.
  int Type(const std::string& name) const { return static_cast<signed char>(bytes_.at(places_.at(name))); }
  std::vector<size_t> Dimensions(const std::string& name) const {
    std::vector<size_t> dimensions;
    for (size_t i = 0; i < Byte(places_.at(name) + 1); ++i)
      dimensions.push_back(Byte(places_.at(name) + 2 + i));
    return dimensions;
  }
  size_t Values(const std::string& name) const { return places_.at(name) + 2 + Dimensions(name).size(); }
  std::string Text(size_t at, size_t count) const { return bytes_.substr(at, count); }
  size_t size() const { return bytes_.size(); }

 private:
  std::string bytes_;
  std::map<std::string, size_t> places_;
};

TEST(C3dExport, HeaderParametersAndPointsAgree) {
  const LiftedTrack track = Track(8, 5);
  const C3d file(C3dBytes(track, 8, 50));
  EXPECT_EQ(file.size() % 512, 0u);
  EXPECT_EQ(file.Word(0), 0x5002u);
  EXPECT_EQ(file.Word(2), 17u);
  EXPECT_EQ(file.Word(6), 1u);
  EXPECT_EQ(file.Word(8), 8u);
  EXPECT_LT(file.Real(12), 0);
  EXPECT_EQ(file.Real(20), 50);
  EXPECT_EQ(file.Byte(512 + 3), 84u);
  const size_t data = 512 * (file.Word(16) - 1);
  EXPECT_EQ(data, 512 * (1 + file.Byte(512 + 2)));
  EXPECT_EQ(file.Word(file.Values("POINT:DATA_START")), file.Word(16));
  EXPECT_EQ(file.Word(file.Values("POINT:USED")), 17u);
  EXPECT_EQ(file.Word(file.Values("POINT:FRAMES")), 8u);
  EXPECT_EQ(file.Type("POINT:RATE"), 4);
  EXPECT_EQ(file.Real(file.Values("POINT:RATE")), 50);
  EXPECT_EQ(file.Text(file.Values("POINT:UNITS"), 2), "mm");
  EXPECT_FALSE(file.Has("POINT:LONG_FRAMES"));
  ASSERT_EQ(file.Dimensions("POINT:LABELS"), (std::vector<size_t>{9, 17}));
  for (int j = 0; j < kJoints; ++j) {
    const std::string label = file.Text(file.Values("POINT:LABELS") + 9 * j, 9);
    EXPECT_EQ(label.substr(0, label.find(' ')), kJointNames[j]);
  }
  size_t pose = 0;
  for (size_t frame = 0; frame < 8; ++frame) {
    const bool there = frame != 0 && frame != 5;
    for (int j = 0; j < kJoints; ++j) {
      const size_t at = data + 16 * (kJoints * frame + j);
      const float residual = file.Real(at + 12);
      EXPECT_EQ(residual, !there                                   ? -1
                          : j == kLWrist && frame == kWristGuessed ? 0
                                                                   : 257)
          << frame << " " << j;
      for (int k = 0; there && k < 3; ++k)
        EXPECT_NEAR(file.Real(at + 4 * k), Expected(track, pose, j, k), 1e-3);
    }
    pose += there ? 1 : 0;
  }
}

TEST(C3dExport, MoreFramesThanTheHeaderHolds) {
  LiftedTrack track = Track(2, 9);
  const C3d file(C3dBytes(track, 70000, 50));
  EXPECT_EQ(file.Word(8), 65535u);
  EXPECT_EQ(file.Word(file.Values("POINT:FRAMES")), 65535u);
  EXPECT_EQ(file.Real(file.Values("POINT:LONG_FRAMES")), 70000);
  const size_t end = file.Values("TRIAL:ACTUAL_END_FIELD");
  EXPECT_EQ(file.Word(end) + 65536 * file.Word(end + 2), 70000u);
  EXPECT_GE(file.size(), size_t{70000} * 17 * 16);
}

}  // namespace
}  // namespace links
