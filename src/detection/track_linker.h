#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "links/detection/detection.h"

namespace links {

/// Gives people tracks: those of a frame are assigned to those of the frames before by how far their joints
/// moved, all at once, so that an order that changes does not matter. Who was not seen for up to kBridge
/// frames is found again. What it remembers are the people of these frames.
class TrackLinker {
 public:
  static constexpr int64_t kBridge = 300;

  /// prefix: of the names "1", "2", ...
  explicit TrackLinker(std::string prefix = "") : prefix_(std::move(prefix)) {}

  /// Sets the track of everybody of whom a joint is seen and who has none. frame: above that of the call
  /// before.
  void Link(std::vector<DetectedPerson>& people, int64_t frame);

 private:
  struct Track {
    std::string name;
    Joints2d joints;                  // where each joint was last seen
    std::array<double, 2> step_px{};  // of the whole body a frame
    double size_px = 0;
    int64_t frame = 0;
  };

  static double Cost(const Track& track, const DetectedPerson& person, double size_px, int64_t gap);
  void Update(Track& track, const DetectedPerson& person, double size_px, int64_t frame);

  std::string prefix_;
  std::vector<Track> tracks_;
  int64_t made_ = 0;
};

/// The diagonal of the box around the joints seen, pixels.
double BodySize(const Joints2d& joints);

}  // namespace links
