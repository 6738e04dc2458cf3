#include "links/lifted/trc_export.h"

#include <algorithm>
#include <cstdio>

#include "links/core/error.h"

namespace links {
namespace {

constexpr double kMmPerMetre = 1e3;

template <class... Values>
std::string Formatted(const char* format, Values... values) {
  char text[64];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

}  // namespace

std::string TrcText(const LiftedTrack& track, int64_t frames, double fps, const std::string& file_name) {
  std::string name = file_name;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char letter) { return letter < ' '; }, '_');
  const std::string rate = Formatted("%.6g", fps);
  std::string text = Concat("PathFileType\t4\t(X/Y/Z)\t", name,
                            "\nDataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStar"
                            "tFrame\tOrigNumFrames\n",
                            rate, "\t", rate, "\t", frames, "\t", kJoints, "\tmm\t", rate, "\t1\t", frames,
                            "\nFrame#\tTime");
  for (const auto joint : kJointNames) text += Concat("\t", joint, "\t\t");
  text += "\n\t";
  for (int joint = 1; joint <= kJoints; ++joint) text += Concat("\tX", joint, "\tY", joint, "\tZ", joint);
  text += "\n\n";
  size_t next = 0;
  for (int64_t frame = 0; frame < frames; ++frame) {
    text += Concat(frame + 1, "\t", Formatted("%.6f", static_cast<double>(frame) / fps));
    const bool there = next < track.frames.size() && track.frames[next] == frame;
    for (int joint = 0; joint < kJoints; ++joint) {
      if (!there) {
        text += "\t\t\t";
        continue;
      }
      const float* at = &track.poses[next][3 * joint];
      for (const float metres : {at[0], 0 - at[1], 0 - at[2]})
        text += Formatted("\t%.3f", kMmPerMetre * static_cast<double>(metres));
    }
    text += "\n";
    next += there ? 1 : 0;
  }
  return text;
}

}  // namespace links
