#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "frame_source.h"
#include "id_map.h"
#include "person.h"

namespace links {

/// How the frames lie in a JSON file.
enum class JsonShape {
  kUnknown,
  kFrame,        ///< the whole file is one image
  kLines,        ///< an object a line
  kFrames,       ///< a list of frames
  kPeople,       ///< a list of people, each with its image
  kImageObject,  ///< an object with an entry for each image
};

/// What a JSON file is and says, found in one pass that keeps next to nothing.
// NOLINTNEXTLINE(bugprone-exception-escape): nlohmann::json throws nothing when it is moved
struct JsonOutline {
  JsonShape shape = JsonShape::kUnknown;
  std::string list;   ///< the key of the list of frames or people, "" = the file is the list
  std::string found;  ///< where the shape is unknown: what there is, for messages

  nlohmann::json
      first;  ///< the list's first element that says something; of kFrame the keys before the people
  std::string people_key;  ///< of kFrame and kLines
  SourceFacts facts;
  bool scattered = false;         ///< kPeople: an image comes back after others
  std::set<std::string> persons;  ///< kPeople: the ids of categories that are people; empty = all are
  std::map<std::string, std::string> categories;  ///< id -> name
  IdMap<ImageSize> sizes;                         ///< of images, by id
};

/// Throws Error for what is not JSON, and for names of keypoints that are no human body.
JsonOutline OutlineJson(const std::string& path);

/// OpenJson for a file whose outline is known.
std::unique_ptr<FrameSource> OpenJson(const std::string& path, JsonOutline outline);

}  // namespace links
