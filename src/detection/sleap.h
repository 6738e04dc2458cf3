#pragma once

#include <string>

namespace links {

/// Throws Error where the HDF5 file is one of SLEAP's, which says in one sentence what to do; its keypoints
/// have names of the user's own and no fixed order, and most are animals'.
void RefuseSleap(const std::string& path);

}  // namespace links
