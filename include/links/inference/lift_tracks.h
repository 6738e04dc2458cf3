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
};

/// Throws UsageError unless the cutoff suits the frame rate.
void CheckTrackOptions(const TrackOptions& options);

/// What became of the tracks, a line each: for the summary.
using TrackNotes = std::vector<std::string>;

/// Lifts all that the reader gives with what is known of whole tracks: one scale over all of a track,
/// keypoints and depths without jitter. The people lie in temporary files meanwhile, about 800 bytes each,
/// with 24 bytes in memory and 500 more for each pose of the longest track. A track that is not seen for
/// TrackTable::kForgetAfter frames begins anew. `batch` frames are lifted at once; `take` gets them in their
/// order.
TrackNotes LiftTracks(DetectionReader& reader, PoseEstimator& estimator, int64_t batch,
                      const TrackOptions& options, const TakeLifted& take);

}  // namespace links
