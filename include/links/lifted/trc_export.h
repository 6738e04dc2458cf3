#pragma once

#include <string>

#include "links/lifted/lifted_track.h"

namespace links {

/// A motion of `frames` frames (0, 1, ...) as the text of a marker file of OpenSim (TRC): our 17 joints in
/// mm, in BVH's axes (x right, y up, z back), from the root. Frames without a pose have empty cells. The
/// track is in metres. `file_name` is what the format repeats within the file.
std::string TrcText(const LiftedTrack& track, int64_t frames, double fps, const std::string& file_name);

}  // namespace links
