#pragma once

#include <cstdint>
#include <string>

#include "links/inference/carried_over.h"
#include "links/inference/track_table.h"
#include "links/inference/window_mean.h"
#include "links/lifted/lifted_pose.h"

namespace links {

/// From ankle to head top along the bones, as if the body stood straight: the mean of both legs, and the
/// spine up to the head top. In the unit of the joints.
double UnrolledLength(const Joints3& joints);

/// Share of a standing person's height that lies above the ankles (Drillis and Contini 1966: the ankle is at
/// 0.039 of it).
inline constexpr double kAboveAnkles = 0.961;

/// mm per unit of people of a height whose mean unrolled length is known.
inline double MmPerUnit(double height_mm, double unrolled_length) {
  return kAboveAnkles * height_mm / unrolled_length;
}

/// The size of people's units from their height, as frames come.
class BodyHeights {
 public:
  explicit BodyHeights(double height_mm) : height_mm_(height_mm) {}

  /// mm per unit by the mean unrolled length in the track's last frames, this one among them, towards which
  /// the value of the frame before moves as a scale does (BodyScales); without a track, in this one.
  double MmPerUnit(const std::string& track, int64_t frame, const Joints3& joints);

 private:
  struct Track {
    WindowMean lengths;
    CarriedOver mm_per_unit;
  };

  double height_mm_;
  TrackTable<Track> tracks_;
};

}  // namespace links
