#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "frame_source.h"

namespace links {

/// What a JSON value of a detector stands for.
enum class JsonKind {
  kUnknown,
  kNothing,        ///< null, {}, []: nobody, of whatever kind the neighbours are
  kPerson,         ///< keypoints of one person
  kPersonOfImage,  ///< the same with the image or frame it belongs to
  kPeople,         ///< a list of people
  kFrame,          ///< an object with a list of people
};

JsonKind KindOf(const nlohmann::json& value);

/// A person in any of the ways that detectors write one: an object with "pose_keypoints_2d", "keypoints",
/// "landmarks", ... whose value is flat, a list of [x, y(, c)] or of {"x", "y", ...}, lists of x, of y and of
/// confidences, or points by name; or such a value alone. Confidences may stand apart ("keypoint_scores").
/// null, {}, [] and a person without keypoints are `absent`. `names`, if not null, takes the keypoints' names
/// where they stand beside them. Throws Error beginning with `where`.
RawPerson ParsePerson(const nlohmann::json& person, const std::string& where,
                      std::vector<std::string>* names = nullptr);

/// A value of any kind but kUnknown into the frame's people, image and size.
void ParseFrame(const nlohmann::json& value, const std::string& where, RawFrame& frame);

/// The image or frame that an object names, "" = none.
std::string ImageOf(const nlohmann::json& object, const std::string& where);

/// An id: a string or an integer. `what` names it in messages.
std::string ParseId(const nlohmann::json& id, const std::string& what, const std::string& where);

}  // namespace links
