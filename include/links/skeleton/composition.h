#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "links/skeleton/segments.h"

namespace links {

/// Which segments a 3D pose is put together from: a joint is taken from `primary` where that has it,
/// otherwise from `secondary`; the root is the origin. A joint that neither has is unknown.
struct Composition {
  std::string name;
  Segment primary;
  std::optional<Segment> secondary;

  std::vector<Segment> segments() const;
  /// The known joints without the root, ascending.
  std::vector<int> Joints() const;

  /// For each of 17 joints, its column in [root, primary's joints, secondary's joints]; unknown joints take
  /// the root's.
  std::array<int, kJoints> Columns() const;
};

/// The segments of the compositions, each once, in the order of kSegments.
std::vector<Segment> SegmentsOf(const std::vector<Composition>& compositions);

/// legs + torso.
Composition LegsTorso();
/// left*: spine, neck, head and head top from the left lifter (JSON name left_core).
Composition LeftCore();
/// right*: the same from the right lifter (JSON name right_core).
Composition RightCore();
/// The full-pose lifter of the ablation.
Composition FullPose();

/// Whose depths a pose has of which every joint is seen: legs + torso's (the paper), the full-pose lifter's,
/// or the mean of legs + torso, left* and right*, of these three and the full-pose lifter, or of legs + torso
/// and the full-pose lifter.
enum class WholePose { kLegsTorso, kFull, kMean, kMeanFull, kLegsTorsoFull };

/// Whose depths the mean is of.
std::vector<Composition> CompositionsOf(WholePose pose);

}  // namespace links
