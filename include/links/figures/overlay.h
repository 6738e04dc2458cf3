#pragma once

#include <array>
#include <string>
#include <vector>

#include "links/lifted/lifted_pose.h"
#include "links/video/video.h"

struct _cairo;  // NOLINT(bugprone-reserved-identifier): what cairo calls a cairo_t

namespace links {

/// Keeps where the poses of a stream lie in the image, 160 bytes each, and draws them on its pictures: the
/// keypoints that were seen, and guessed joints hollow where the pose projects.
class Overlay {
 public:
  /// path: a video ending in .mp4, of `fps` pictures a second, or else a folder that is not there yet. Throws
  /// UsageError, or Error where nothing can be written.
  Overlay(const std::string& path, double fps);

  void Add(const LiftedFrame& frame);

  /// Writes the video, or frame_INDEX.png for each frame that has a picture; whole or not at all. Throws
  /// Error where there is no picture of any frame, and for whatever the system and ffmpeg say.
  void Draw(const Video& video) const;

 private:
  struct Person {
    std::array<float, 2 * kJoints> px;
    std::array<bool, kJoints> guessed;
    float scale_px;
  };

  static void DrawPeople(_cairo* context, const std::vector<Person>& people);

  std::string path_;
  double fps_;
  bool is_video_;
  std::vector<FrameName> frames_;
  std::vector<std::vector<Person>> people_;
};

}  // namespace links
