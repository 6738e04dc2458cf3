#include "links/data/bvh.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <numbers>
#include <string_view>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/data/bounds.h"

namespace links {
namespace {

constexpr int kMaxJoints = 10'000;
constexpr std::string_view kSpace = " \t\r\f\v";

bool StartsWithIgnoringCase(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (size_t i = 0; i < lower.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(text[i])) != lower[i]) return false;
  }
  return true;
}

/// Words of a text with the line they stand on.
class Words {
 public:
  Words(std::string_view text, const std::string& origin) : rest_(text), origin_(origin) {}

  /// Reads the next word, of this line or a later one.
  std::string_view Next(const std::string& expected) {
    do {
      const std::string_view word = NextOnLine();
      if (!word.empty()) return word;
    } while (NextLine());
    Fail(expected, "the end of the file");
  }

  /// The next word of this line, or "" at its end.
  std::string_view NextOnLine() {
    const size_t start = rest_.find_first_not_of(kSpace);
    if (start == std::string_view::npos || rest_[start] == '\n') {
      rest_.remove_prefix(start == std::string_view::npos ? rest_.size() : start);
      return {};
    }
    const size_t end = std::min(rest_.find_first_of(" \t\r\f\v\n", start), rest_.size());
    const std::string_view word = rest_.substr(start, end - start);
    rest_.remove_prefix(end);
    return word;
  }

  /// The rest of this line up to `stop`, without space around it.
  std::string_view RestOfLine(char stop) {
    const std::string_view rest = rest_.substr(0, std::min(rest_.find('\n'), rest_.find(stop)));
    rest_.remove_prefix(rest.size());
    const size_t first = rest.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return rest.substr(first, rest.find_last_not_of(kSpace) + 1 - first);
  }

  /// Goes to the next line that holds a word; false at the end of the text.
  bool NextLine() {
    const size_t end = rest_.find_first_not_of(" \t\r\f\v\n");
    const std::string_view skipped = rest_.substr(0, end);
    line_ += std::count(skipped.begin(), skipped.end(), '\n');
    rest_.remove_prefix(skipped.size());
    return !rest_.empty();
  }

  void Expect(std::string_view keyword) {
    const std::string_view word = Next(std::string(keyword));
    if (!StartsWithIgnoringCase(word, Lower(keyword)) || word.size() != keyword.size())
      Fail(keyword, Quote(word));
  }

  double Number(const std::string& expected, double most = kMostMillimetres) {
    return ToNumber(Next(expected), expected, most);
  }

  double ToNumber(std::string_view word, const std::string& expected, double most = kMostMillimetres) const {
    std::string_view digits = word;
    if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || !Within(value, most)) {
      Fail(expected, Quote(word));
    }
    return value;
  }

  int64_t Count(const std::string& expected, double high) {
    const double value = Number(expected, std::numeric_limits<double>::max());
    if (value != std::floor(value) || value < 0 || value > high) Fail(expected, Concat(value));
    return static_cast<int64_t>(value);
  }

  template <class Expected>
  [[noreturn]] void Fail(const Expected& expected, const std::string& found) const {
    throw Error(origin_, ":", line_, ": expected ", expected, ", found ", found);
  }

  static std::string Quote(std::string_view word) {
    return Concat("'", word.substr(0, 40), word.size() > 40 ? "...'" : "'");
  }

 private:
  static std::string Lower(std::string_view text) {
    std::string lower(text);
    for (char& letter : lower) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return lower;
  }

  std::string_view rest_;
  const std::string& origin_;
  int64_t line_ = 1;
};

BvhChannel ParseChannel(Words& words) {
  constexpr const char* kExpected =
      "a channel (Xposition, Yposition, Zposition, Xrotation, Yrotation or Zrotation)";
  const std::string_view word = words.Next(kExpected);
  const int axis = static_cast<int>(
      std::string_view("xyz").find(static_cast<char>(std::tolower(static_cast<unsigned char>(word[0])))));
  const bool rotation = word.size() == 9 && StartsWithIgnoringCase(word.substr(1), "rotation");
  const bool position = word.size() == 9 && StartsWithIgnoringCase(word.substr(1), "position");
  if (axis < 0 || (!rotation && !position)) words.Fail(kExpected, Words::Quote(word));
  return {rotation, axis};
}

/// What stands on the line after ROOT or JOINT, up to a brace, without its namespace ("character:Hips");
/// names may hold spaces.
std::string ParseName(Words& words) {
  std::string name(words.RestOfLine('{'));
  if (const size_t colon = name.rfind(':'); colon != std::string::npos && colon + 1 < name.size())
    name.erase(0, colon + 1);
  if (name.empty()) words.Fail("the name of a joint", "the end of the line");
  return name;
}

/// HIERARCHY up to and with MOTION.
class HierarchyParser {
 public:
  HierarchyParser(Words& words, BvhClip& clip) : words_(words), clip_(clip) {}

  void Parse() {
    words_.Expect("HIERARCHY");
    for (;;) {
      const std::string_view word = words_.Next("ROOT or MOTION");
      if (word == "ROOT") {
        AddJoint(-1);
      } else if (word == "MOTION") {
        break;
      } else {
        words_.Fail("ROOT or MOTION", Words::Quote(word));
      }
    }
    if (clip_.joints.empty()) words_.Fail("ROOT", "'MOTION'");
  }

 private:
  /// A root with everything below it; iterative, so that no nesting is too deep.
  void AddJoint(int parent) {
    Open(ParseName(words_), parent);
    int current = Last();
    while (current >= 0) {
      const std::string_view word = words_.Next("OFFSET, CHANNELS, JOINT, End or }");
      if (word == "OFFSET") {
        for (double& value : clip_.joints[current].offset)
          value = words_.Number("three numbers of an OFFSET");
      } else if (word == "CHANNELS") {
        ParseChannels(current);
      } else if (word == "JOINT") {
        Open(ParseName(words_), current);
        current = Last();
      } else if (word == "End") {
        words_.Expect("Site");
        Open(clip_.joints[current].name + "_End", current);
        current = Last();
      } else if (word == "}") {
        current = clip_.joints[current].parent;
      } else {
        words_.Fail("OFFSET, CHANNELS, JOINT, End or }", Words::Quote(word));
      }
    }
  }

  void Open(const std::string& name, int parent) {
    if (Last() + 1 >= kMaxJoints) words_.Fail(Concat("at most ", kMaxJoints, " joints"), "more");
    clip_.joints.push_back({name, parent, Eigen::Vector3d::Zero(), {}});
    words_.Expect("{");
  }

  void ParseChannels(int joint) {
    if (!clip_.joints[joint].channels.empty()) words_.Fail("one CHANNELS a joint", "a second");
    const int64_t count = words_.Count("a number of channels from 0 to 6", 6);
    for (int64_t i = 0; i < count; ++i) clip_.joints[joint].channels.push_back(ParseChannel(words_));
    clip_.channels += count;
  }

  int Last() const { return static_cast<int>(clip_.joints.size()) - 1; }

  Words& words_;
  BvhClip& clip_;
};

void ParseMotion(Words& words, size_t text_size, BvhClip& clip) {
  if (clip.channels == 0) words.Fail("a skeleton with channels", "none");
  words.Expect("Frames:");
  clip.frames = words.Count("a number of frames", 1e9);
  if (clip.frames == 0) words.Fail("at least one frame", "0");
  words.Expect("Frame");
  words.Expect("Time:");
  const double seconds = words.Number("the time of a frame in seconds");
  if (!(seconds >= 1e-5 && seconds <= 100)) words.Fail("a frame time from 0.00001 to 100 s", Concat(seconds));
  clip.fps = 1 / seconds;
  const std::string row = Concat(clip.channels, " numbers for the channels");
  // Two characters a number at least: a wrong count cannot ask for more memory than the file is worth.
  clip.values.reserve(std::min<size_t>(clip.frames * clip.channels, text_size / 2));
  for (int64_t frame = 0; frame < clip.frames; ++frame) {
    if (!words.NextLine())
      words.Fail(Concat(clip.frames, " frames"), Concat("the end of the file after ", frame));
    for (int64_t i = 0; i < clip.channels; ++i) {
      const std::string_view word = words.NextOnLine();
      if (word.empty()) words.Fail(row, Concat(i, " on the line of frame ", frame));
      clip.values.push_back(words.ToNumber(word, row));
    }
    if (const auto more = words.NextOnLine(); !more.empty())
      words.Fail(row, Concat("more on the line of frame ", frame));
  }
  if (words.NextLine()) words.Fail(Concat(clip.frames, " frames"), "more lines");
}

}  // namespace

int BvhClip::Find(const std::string& name) const {
  for (size_t i = 0; i < joints.size(); ++i) {
    if (joints[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

BvhClip ParseBvh(const std::string& text, const std::string& origin) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    throw Error(origin,
                ": expected text in UTF-8, found UTF-16 (save it as UTF-8, or iconv -f UTF-16 -t UTF-8)");
  }
  BvhClip clip;
  clip.path = origin;
  const std::string_view mark = "\xEF\xBB\xBF";  // of byte order
  Words words(std::string_view(text).substr(text.starts_with(mark) ? mark.size() : 0), origin);
  HierarchyParser(words, clip).Parse();
  ParseMotion(words, text.size(), clip);
  return clip;
}

BvhClip ReadBvh(const std::string& path) {
  return ParseBvh(ReadFile(path), path);
}

std::vector<BvhTransform> ForwardKinematics(const BvhClip& clip, int64_t frame) {
  std::vector<BvhTransform> world(clip.joints.size());
  const double* value = clip.values.data() + frame * clip.channels;
  for (size_t i = 0; i < clip.joints.size(); ++i) {
    const BvhJoint& joint = clip.joints[i];
    Eigen::Vector3d position = joint.offset;
    Eigen::Matrix3d rotation = Eigen::Matrix3d::Identity();
    for (const BvhChannel& channel : joint.channels) {
      if (channel.rotation) {
        const double angle_rad = *value++ * std::numbers::pi / 180;
        rotation *= Eigen::AngleAxisd(angle_rad, Eigen::Vector3d::Unit(channel.axis)).toRotationMatrix();
      } else {
        position[channel.axis] = *value++;
      }
    }
    if (joint.parent >= 0) {
      const BvhTransform& parent = world[joint.parent];
      position = parent.position + parent.rotation * position;
      rotation = parent.rotation * rotation;
    }
    world[i] = {rotation, position};
  }
  return world;
}

}  // namespace links
