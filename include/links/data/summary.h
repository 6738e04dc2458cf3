#pragma once

#include <string>

#include "links/data/pose_file.h"

namespace links {

/// What a pose file holds, for people, a line each: counts of poses, subjects, actions and cameras, ranges,
/// mean head-root distance in pixels, mean bone lengths in mm, source and licence.
std::string DescribePoses(const PoseData& poses);

}  // namespace links
