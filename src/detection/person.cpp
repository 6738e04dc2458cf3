#include <cmath>
#include <limits>

#include "frame_source.h"
#include "json_stream.h"
#include "links/core/error.h"
#include "links/data/bounds.h"

namespace links {
namespace {

using nlohmann::json;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// A number, or NaN for null.
double Number(const json& value, const std::string& where) {
  if (value.is_null()) return kMissing;
  if (!value.is_number()) throw Error(where, ": expected a number in the keypoints, found ", Describe(value));
  return CheckedNumber(value.get<double>(), where);
}

void Add(Keypoints& keypoints, double x, double y, double confidence) {
  keypoints.px.insert(keypoints.px.end(), {x, y});
  keypoints.confidence.push_back(confidence);
}

/// Numbers, or a list for each keypoint; where all are null, by how many there are (17 keypoints at least).
bool IsFlat(const json& list) {
  for (const json& item : list) {
    if (!item.is_null()) return !item.is_array();
  }
  return list.size() >= 3 * kJoints && list.size() % 3 == 0;
}

/// [x0, y0, c0, x1, ...]
void ParseFlat(const json& list, const std::string& where, Keypoints& keypoints) {
  if (list.size() % 3 != 0) {
    throw Error(where, ": expected three numbers a keypoint (x, y, confidence), found ", list.size(),
                " numbers");
  }
  for (size_t i = 0; i < list.size(); i += 3) {
    Add(keypoints, Number(list[i], where), Number(list[i + 1], where), Number(list[i + 2], where));
  }
}

/// [[x, y], ...] or [[x, y, c], ...], null = missing; `scores` may be absent.
void ParseNested(const json& list, const json* scores, const std::string& where, Keypoints& keypoints) {
  for (size_t i = 0; i < list.size(); ++i) {
    const json& point = list[i];
    if (point.is_null()) {
      Add(keypoints, kMissing, kMissing, kMissing);
      continue;
    }
    const bool with_confidence = scores == nullptr && point.is_array() && point.size() == 3;
    if (!point.is_array() || (point.size() != 2 && !with_confidence)) {
      throw Error(where, ": expected keypoint ", i, " as [x, y]",
                  scores == nullptr ? " or [x, y, confidence]" : "", ", found ", Describe(point));
    }
    const double confidence = scores != nullptr ? Number((*scores)[i], where)
                              : with_confidence ? Number(point[2], where)
                                                : 1;
    Add(keypoints, Number(point[0], where), Number(point[1], where), confidence);
  }
}

/// A track's number or name; a list counts for its first element, a negative number for none.
std::string Track(const json& person, const std::string& where) {
  for (const char* key : {"track", "track_id", "idx", "person_id"}) {
    const auto found = person.find(key);
    if (found == person.end()) continue;
    const json* id = &*found;
    while (id->is_array() && !id->empty()) id = &(*id)[0];
    if (id->is_null() || id->is_array()) continue;
    if (id->is_number() && !(id->get<double>() >= 0)) continue;
    const bool whole = id->is_number_float() && std::floor(id->get<double>()) == id->get<double>() &&
                       id->get<double>() < 1e15;
    return ParseId(whole ? json(static_cast<int64_t>(id->get<double>())) : *id, Concat("'", key, "'"), where);
  }
  return "";
}

}  // namespace

double CheckedNumber(double number, const std::string& where) {
  if (std::abs(number) > kMostPixels) {
    throw Error(where, ": expected keypoints from -1000000 to 1000000, found ", number);
  }
  return number;
}

std::string ParseId(const json& id, const std::string& what, const std::string& where) {
  if (id.is_string()) return id.get<std::string>();
  if (id.is_number_integer()) return id.dump();
  throw Error(where, ": expected a string or an integer as ", what, ", found ", Describe(id));
}

RawPerson ParsePerson(const json& person, const std::string& where) {
  if (!person.is_object()) throw Error(where, ": expected a person as an object, found ", Describe(person));
  for (const char* key : {"pose_keypoints_2d", "pose_keypoints", "joints", "keypoints"}) {
    const auto list = person.find(key);
    if (list == person.end()) continue;
    if (!list->is_array()) throw Error(where, ": expected '", key, "' as a list, found ", Describe(*list));
    if (list->empty()) throw Error(where, ": expected keypoints in '", key, "', found an empty list");
    const auto scores = person.find("keypoint_scores");
    const bool scored = scores != person.end();
    if (scored && (!scores->is_array() || scores->size() != list->size())) {
      throw Error(where, ": expected 'keypoint_scores' as a list of ", list->size(), ", found ",
                  Describe(*scores));
    }
    RawPerson raw;
    raw.track = Track(person, where);
    if (scored || !IsFlat(*list)) {
      ParseNested(*list, scored ? &*scores : nullptr, where, raw.keypoints);
    } else {
      ParseFlat(*list, where, raw.keypoints);
    }
    return raw;
  }
  throw Error(where, ": expected a person with 'keypoints' or 'pose_keypoints_2d', found neither");
}

std::vector<RawPerson> ParsePeople(const json& list, const std::string& where) {
  if (!list.is_array()) throw Error(where, ": expected a list of people, found ", Describe(list));
  std::vector<RawPerson> people;
  for (size_t i = 0; i < list.size(); ++i)
    people.push_back(ParsePerson(list[i], Concat(where, ": person ", i)));
  return people;
}

const json& PeopleOf(const json& frame, const std::string& where) {
  if (!frame.is_object()) throw Error(where, ": expected an object with 'people', found ", Describe(frame));
  for (const char* key : {"people", "bodies"}) {
    if (const auto found = frame.find(key); found != frame.end()) return *found;
  }
  throw Error(where, ": expected an object with 'people', found none");
}

}  // namespace links
