#pragma once

#include <string>

#include "links/lifted/lifted_track.h"

namespace links {

/// A motion of `frames` frames (0, 1, ...) as BVH text: our 17 joints and, where several bones meet, a joint
/// of length 0 for each of them (Waist, Neck, LPelvis, ...), so that every bone has a rotation of its own.
/// Bone lengths are medians over the track. Axes turn from the camera's (y down, z forward) to BVH's (y up, z
/// back). Frames without a pose repeat the last one, those before the first the first. Rotations are the
/// least ones from the rest pose (arms out, legs down), the hips and the thorax turned by their side joints;
/// of equal Euler angles the ones nearest to the frame before are taken.
std::string BvhText(const LiftedTrack& track, int64_t frames, double fps);

}  // namespace links
