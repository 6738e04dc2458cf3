#pragma once

#include <vector>

#include "links/data/pose_file.h"

namespace links {

/// Poses of several files in the given shares: every pose of the file that is largest for its share once,
/// those of the others over and over, in their order, up to theirs. shares: above 0, one for each file
/// (poses.file). Throws Error for a file that none of the poses is from.
PoseData MixPoses(PoseData poses, const std::vector<double>& shares);

}  // namespace links
