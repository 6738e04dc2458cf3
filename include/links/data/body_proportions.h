#pragma once

#include <string>

#include "links/core/random.h"
#include "links/data/virtual_camera.h"

namespace links {

/// Whose bodies virtual cameras see: those of the recording, or drawn ones that move like them.
enum class Bodies { kRecorded, kVaried };

/// Throws UsageError for another name than "recorded" or "varied".
Bodies ParseBodies(const std::string& name);

/// What is put in place of a recorded body's lengths; the same on both sides.
struct BodyProportions {
  double thigh = 0.5;              ///< share of the leg from hip over knee to ankle
  double upper_arm = 0.53;         ///< share of the arm from shoulder over elbow to wrist
  double leg = 1, arm = 1;         ///< lengths in the recorded ones
  double hips = 1, shoulders = 1;  ///< widths in the recorded ones

  /// Drawn as people differ (docs/data.md has the numbers and their sources).
  static BodyProportions Draw(Random& random);

  /// The pose with these lengths; every bone of a limb points where it pointed, head and trunk stay.
  WorldPose Of(const WorldPose& recorded) const;
};

}  // namespace links
