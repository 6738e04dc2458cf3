#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "links/detection/detection.h"
#include "links/inference/lift_stream.h"
#include "links/inference/pose_estimator.h"

namespace links {

/// How what is known of a whole track makes its poses steady.
struct TrackOptions {
  double fps = 0;               ///< frames a second of the input's frame numbers; 0 = not known
  double smooth_hz = 0;         ///< cutoff of the low-pass for keypoints and depths; 0 = none. Needs fps.
  double bridge_seconds = .25;  ///< gaps of a joint up to which it is bridged; needs smooth_hz
  bool rigid = false;           ///< bones of one length over a track, the same left and right
  bool upright = false;  ///< axes with y down along gravity, feet on the ground; the camera must not move
  /// With upright: where people are before a camera of this focal length; 0 = only how they stand.
  double focal_px = 0;
  double image_width = 0, image_height = 0;  ///< px; with focal_px
};

/// Whether a cutoff in Hz can be had at a frame rate: below half of it, and not so far below that rounding
/// shows.
bool SmoothingSuits(double hz, double fps);

/// Throws UsageError unless the cutoff suits the frame rate and the others have what they need.
void CheckTrackOptions(const TrackOptions& options);

/// What became of the tracks, a line each: for the summary.
using TrackNotes = std::vector<std::string>;

/// Lifts all that the reader gives with what is known of whole tracks: one scale over all of a track,
/// keypoints and depths without jitter, and what else the options ask for. The people lie in temporary files
/// meanwhile, about 800 bytes each, with 24 bytes in memory and up to 1200 more for each pose of the longest
/// track. A track that is not seen for TrackTable::kForgetAfter frames begins anew. `batch` frames are lifted
/// at once; `take` gets them in their order. Throws Error where the options cannot be met: nobody stands
/// upright.
TrackNotes LiftTracks(DetectionReader& reader, PoseEstimator& estimator, int64_t batch,
                      const TrackOptions& options, const TakeLifted& take);

}  // namespace links
