#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "links/skeleton/skeleton.h"

namespace links {

/// The parts of the body that have a flow or a lifter of their own (paper sec. 3.1, docs/method.md sec. 2).
enum class Segment { kLegs, kTorso, kLeft, kRight, kFull };

inline constexpr std::array<Segment, 5> kSegments = {Segment::kLegs, Segment::kTorso, Segment::kLeft,
                                                     Segment::kRight, Segment::kFull};

std::string_view SegmentName(Segment segment);

/// The joints of a segment without the root, in the order its networks take them. With `include_root` the
/// root comes first in every segment but the torso, as in the authors' code.
std::vector<int> SegmentJoints(Segment segment, bool include_root = false);

/// The joints that must be seen of a pose to lift its segment: the segment's, and the root that they are
/// measured from.
std::vector<int> NeededJoints(Segment segment);

}  // namespace links
