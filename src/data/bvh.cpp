#include "links/data/bvh.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "words.h"

namespace links {
namespace {

MocapChannel ParseChannel(Words& words) {
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
  HierarchyParser(Words& words, MocapClip& clip) : words_(words), clip_(clip) {}

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
    clip_.joints.push_back({name, parent, Eigen::Vector3d::Zero()});
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
  MocapClip& clip_;
};

void ParseMotion(Words& words, size_t text_size, MocapClip& clip) {
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

MocapClip ParseBvh(const std::string& text, const std::string& origin) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    throw Error(origin,
                ": expected text in UTF-8, found UTF-16 (save it as UTF-8, or iconv -f UTF-16 -t UTF-8)");
  }
  MocapClip clip;
  clip.path = origin;
  const std::string_view mark = "\xEF\xBB\xBF";  // of byte order
  Words words(std::string_view(text).substr(text.starts_with(mark) ? mark.size() : 0), origin);
  HierarchyParser(words, clip).Parse();
  ParseMotion(words, text.size(), clip);
  return clip;
}

MocapClip ReadBvh(const std::string& path) {
  return ParseBvh(ReadFile(path), path);
}

}  // namespace links
