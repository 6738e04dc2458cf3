#pragma once

#include <string>
#include <vector>

#include "links/detection/keypoint_map.h"

namespace links {

/// A keypoint's name as configs/names/keypoints.yaml understands it: "LShoulder" and "shoulder left" are
/// "left_shoulder"; a name that means nothing there keeps its letters.
std::string CanonicalKeypoint(const std::string& name);

/// Whether a name, of a keypoint or of a category, has a word that no part of a person has.
bool IsNotHuman(const std::string& name);

/// The map of a person whose keypoints have these names: the shipped one with the same names, in whatever
/// order they come here, or one made from the names ("names in the file"). Throws Error, beginning with
/// `where`, for names that are no human body or lack hips or shoulders.
KeypointMap KeypointMapOfNames(const std::vector<std::string>& names, const std::string& where);

}  // namespace links
