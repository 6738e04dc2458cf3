#pragma once

#include <string>

#include "links/lifted/lifted_track.h"

namespace links {

/// A motion of `frames` frames (0, 1, ...) as the bytes of a C3D file (little-endian floats): our 17 joints
/// in mm, in BVH's axes (x right, y up, z back), from the root. As with gaps that were filled in, a guessed
/// joint has the residual 0 and no camera, one that was seen camera 1 and 0.1, which measures nothing; frames
/// without a pose have -1, C3D's sign for a point that is not there. The track is in metres.
std::string C3dBytes(const LiftedTrack& track, int64_t frames, double fps);

}  // namespace links
