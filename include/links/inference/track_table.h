#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace links {

/// What is remembered of each track, by its name. Tracks that were not seen for kForgetAfter frames are
/// forgotten, so that hours of video with ever new ones need no more memory than their liveliest seconds.
template <class Memory>
class TrackTable {
 public:
  static constexpr int64_t kForgetAfter = 300;

  /// The track's memory, new when it has none. frame: of the video, never less than before.
  Memory& At(const std::string& name, int64_t frame) {
    if (frame != frame_) {
      std::erase_if(tracks_, [&](const auto& track) { return frame - track.second.seen > kForgetAfter; });
      frame_ = frame;
    }
    Track& track = tracks_[name];
    track.seen = frame;
    return track.memory;
  }

  size_t size() const { return tracks_.size(); }

 private:
  struct Track {
    Memory memory;
    int64_t seen = 0;
  };

  std::map<std::string, Track> tracks_;
  int64_t frame_ = -1;
};

}  // namespace links
