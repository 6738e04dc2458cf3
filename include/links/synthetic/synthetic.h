#pragma once

#include <cstdint>

#include "links/data/pose_file.h"

namespace links {

struct SyntheticOptions {
  int64_t poses = 20000;
  uint64_t seed = 1;
};

/// Procedural human motion: ten subjects "S1" to "S10" of different build, who walk, run, reach, sit, squat,
/// turn, wave, kick, bend, box, stretch and stand, in clips of 5 s at 10 poses a second, each pose seen by a
/// random virtual camera. Bone lengths are constant for a subject and alike left and right; knees bend
/// backwards and elbows forwards only. The clips go to the subjects in turn, so every subject has about a
/// tenth of the poses. The same options give the same poses, bit for bit, on the same machine.
PoseData Synthesize(const SyntheticOptions& options);

}  // namespace links
