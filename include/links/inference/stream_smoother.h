#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "links/detection/detection.h"
#include "links/inference/track_table.h"
#include "links/lifted/lifted_pose.h"
#include "links/motion/one_euro.h"

namespace links {

/// Takes the jitter out of tracks that must be answered frame by frame, with One-Euro filters: the keypoints
/// before they are lifted, by their confidence, the depths and what was guessed after. A joint that was not
/// there for kForgetSeconds begins anew.
class StreamSmoother {
 public:
  static constexpr double kForgetSeconds = .25;
  static constexpr double kRise = 1;  ///< Hz that the cutoff rises for each body unit a second

  /// cutoff: Hz, of a joint at rest; fps: frames a second of the frames' numbers.
  StreamSmoother(double cutoff, double fps) : cutoff_(cutoff), fps_(fps) {}

  void SmoothKeypoints(DetectedFrame& frame);

  /// The same frame when it is lifted. Seen joints stay on the rays of their keypoints.
  void SmoothPoses(LiftedFrame& frame);

 private:
  /// The values of a joint, each filtered for itself.
  template <size_t kValues>
  struct Filtered {
    std::array<OneEuro, kValues> values;
    int64_t frame = 0;
    bool begun = false;
  };
  struct Joint {
    Filtered<2> place;      // px
    Filtered<1> depth;      // units
    double confidence = 0;  // mean so far
  };
  struct Track {
    std::array<Joint, kJoints> joints;
    double scale_px = 0;  // of the frame before
  };

  template <size_t kValues>
  void Filter(Filtered<kValues>& filtered, int64_t frame, std::array<double, kValues>& values, double cutoff,
              double rise) const;

  double cutoff_, fps_;
  TrackTable<Track> tracks_;
};

}  // namespace links
