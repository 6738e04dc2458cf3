#pragma once

#include "links/data/pose_file.h"

namespace links {

/// Made-up poses; a large set repeats the same few thousand.
PoseData MakeBenchPoses(int64_t count);

}  // namespace links
