#pragma once

#include <string>

#include "links/data/mocap_clip.h"

namespace links {

/// Reads a clip in Biovision's BVH format; throws Error with file:line for anything malformed or
/// inconsistent.
MocapClip ReadBvh(const std::string& path);

/// The same from text; `origin` stands for the file's name in messages.
MocapClip ParseBvh(const std::string& text, const std::string& origin);

}  // namespace links
