#pragma once

#include <cstdint>
#include <string>

#include "links/data/pose_file.h"

namespace links {

/// Makes one thing of what stands for a joint that was not seen: a number that is NaN, a place of (0, 0), a
/// confidence that is not above 0. Afterwards both coordinates are NaN and the confidence, where there are
/// any, is 0.
void MarkMissingJoints(PoseData& poses);

/// Poses that lack a joint in 2D.
int64_t CountIncomplete(const PoseData& poses);

/// Leaves the poses that have all joints in 2D, and warns of how many it left out; `what` the poses are, for
/// the message. Throws Error where none is left.
void DropIncomplete(PoseData& poses, const std::string& what);

/// Leaves the poses that show a segment of the body (NeededJoints), and warns of how many it left out. Throws
/// Error where none is left.
void DropWithoutSegment(PoseData& poses, const std::string& what);

/// Those of the poses that have all joints in 2D. Throws Error where there is none.
PoseData CompletePoses(const PoseData& poses, const std::string& what);

/// Throws Error where the poses are no pixels: all of them within 2 of (0, 0). `origin` begins the message.
void CheckPixels(const PoseData& poses, const std::string& origin);

}  // namespace links
