#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "links/detection/detection.h"

namespace links {

/// Keypoints of a frame that are in memory.
struct KeypointFrame {
  int64_t index = 0;  ///< rises from frame to frame
  std::vector<Keypoints> people;
  std::vector<std::string> tracks;  ///< of each of the people, "" = none; or empty
};

/// Reads frames from memory as OpenDetections does from a file. next: gives the next frame; false at the
/// end. ahead: whether more frames than the one asked for may be asked of it to judge the input. Coordinates
/// and confidences are NaN or within the bounds of data/bounds.h.
std::unique_ptr<DetectionReader> ReadKeypointFrames(std::function<bool(KeypointFrame&)> next,
                                                    const DetectionOptions& options, bool ahead);

}  // namespace links
