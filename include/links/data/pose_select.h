#pragma once

#include <string>
#include <vector>

#include "links/data/pose_file.h"

namespace links {

/// Keeps the selected poses, in their order. Throws UsageError for a name that no pose has, for a list on a
/// part that is absent, and when no pose is left; `origin` stands for the file in messages.
void SelectPoses(PoseData& poses, const PoseSelection& selection, const std::string& origin);

/// Keeps these rows, in this order; one that is named again is there again.
void KeepPoses(PoseData& poses, const std::vector<size_t>& rows);

}  // namespace links
