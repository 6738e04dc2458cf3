#pragma once

#include <cstdint>
#include <string>

#include "links/inference/track_table.h"
#include "links/inference/window_mean.h"
#include "links/lifted/lifted_pose.h"

namespace links {

/// From ankle to head top along the bones, as if the body stood straight: the mean of both legs, and the
/// spine up to the head top. In the unit of the joints.
double UnrolledLength(const Joints3& joints);

/// The size of people's units from their height.
class BodyHeights {
 public:
  /// Share of a standing person's height that lies above the ankles (Drillis and Contini 1966: the ankle is
  /// at 0.039 of it).
  static constexpr double kAboveAnkles = 0.961;

  explicit BodyHeights(double height_mm) : height_mm_(height_mm) {}

  /// mm per unit: kAboveAnkles of the height over the mean unrolled length in the track's last frames, this
  /// one among them; without a track, in this one.
  double MmPerUnit(const std::string& track, int64_t frame, const Joints3& joints);

 private:
  double height_mm_;
  TrackTable<WindowMean> tracks_;
};

}  // namespace links
