#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "links/detection/detection.h"

namespace links {

/// What people must share to go to the same of two files.
enum class SplitBy { kTrack, kImage, kInput };

struct DetectionImportOptions {
  DetectionOptions detections;
  std::string require = "all";  ///< joints that must be seen: all, legs, torso, left, right, or how many
  double min_size_px = 0;       ///< least diagonal of the box around a person's joints
  double distinct = 0;  ///< > 0: a pose of a track is dropped unless some joint has moved so far against the
                        ///< root since the last one kept, in diagonals of the box
  double split = 0;     ///< > 0: this share of the people goes to `rest`
  std::string rest;     ///< the other file; "" = none
  SplitBy by = SplitBy::kTrack;
  uint64_t seed = 1;  ///< of the split
};

/// "track", "image" or "input"; throws UsageError for another name.
SplitBy ParseSplitBy(const std::string& name);

/// What became of the people.
struct ImportedPeople {
  int64_t inputs = 0, frames = 0, seen = 0, kept = 0, rest = 0;
  int64_t absent = 0, incomplete = 0, small = 0, alike = 0;  ///< dropped, each for the first of these reasons
  int64_t fixed_swaps = 0;
  double seconds = 0;
  std::string required;  ///< what `incomplete` lacked

  /// A table for people.
  std::string Text() const;
};

/// Reads detectors' files and folders, one after the other, into a pose file (without 3D) in memory that does
/// not grow with them. /subject is the input and the track, /action the format, /camera the input, /frame the
/// frame's number; joints that are not seen are NaN. Throws Error where an input cannot be read or nobody is
/// left, UsageError for wrong options; an earlier file of that name then stays as it was.
ImportedPeople ImportDetections(const std::vector<std::string>& inputs, const std::string& output,
                                const DetectionImportOptions& options);

}  // namespace links
