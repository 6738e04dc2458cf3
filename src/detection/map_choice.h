#pragma once

#include <string>
#include <vector>

#include "frame_source.h"

namespace links {

/// The keypoint map for an input, by what counts most: the one asked for ("auto" = none), the
/// format's own (`fixed`, "" = none), the names that the
/// file states, its data set, and at last the number of keypoints, where the people's anatomy decides between
/// several. Logs a choice that was made, and warns where people do not look like bodies under the map asked
/// for. `where` begins messages; people: the first of the input, not empty. Throws Error where nothing fits.
KeypointMap ChooseMap(const std::string& asked, const std::string& fixed, const SourceFacts& facts,
                      const std::vector<std::string>& names, const std::vector<const Keypoints*>& people,
                      const std::string& where);

}  // namespace links
