#include "person.h"

#include <cmath>
#include <limits>

#include "json_stream.h"
#include "links/core/error.h"
#include "links/data/bounds.h"
#include "links/detection/keypoint_names.h"

namespace links {
namespace {

using nlohmann::json;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// clang-format off: tables
constexpr const char* kPointKeys[] = {"pose_keypoints_2d", "pose_keypoints", "joints",
                                      "keypoints",         "keypoints_2d",   "landmarks",
                                      "pose_landmarks",    "poseLandmarks",  "kpts"};
constexpr const char* kScoreKeys[] = {"keypoint_scores", "keypoints_scores", "keypoint_score",
                                      "scores",          "confidences",      "visibility"};
constexpr const char* kPeopleKeys[] = {"people",  "bodies", "instances",  "instance_info", "predictions",
                                       "persons", "poses",  "detections", "annotations"};
constexpr const char* kImageKeys[] = {"image_id",    "image",        "frame_id",   "frame",
                                      "frame_index", "frame_number", "image_name", "img_name",
                                      "imgname",     "file_name",    "filename"};
constexpr const char* kTrackKeys[] = {"track", "track_id", "idx",        "person_id",
                                      "id_",   "new_pid",  "tracking_id"};
constexpr const char* kConfidenceKeys[] = {"confidence", "score",    "visibility", "visible",
                                           "conf",       "presence", "likelihood", "c"};
constexpr const char* kNameKeys[] = {"name", "part", "label"};
constexpr const char* kCategoryKeys[] = {"name", "label", "category", "category_name", "class_name"};
// clang-format on

template <size_t N>
const json* FindKey(const json& object, const char* const (&keys)[N], std::string* found_key = nullptr) {
  if (!object.is_object()) return nullptr;
  for (const char* key : keys) {
    const auto found = object.find(key);
    if (found == object.end()) continue;
    if (found_key != nullptr) *found_key = key;
    return &*found;
  }
  return nullptr;
}

/// A number, or NaN for null.
double Number(const json& value, const std::string& where) {
  if (value.is_null()) return kMissing;
  if (!value.is_number()) throw Error(where, ": expected a number in the keypoints, found ", Describe(value));
  return CheckedNumber(value.get<double>(), where);
}

double Confidence(const json& value, const std::string& where) {
  return value.is_boolean() ? (value.get<bool>() ? 1 : 0) : Number(value, where);
}

void Add(Keypoints& keypoints, double x, double y, double confidence) {
  keypoints.px.insert(keypoints.px.end(), {x, y});
  keypoints.confidence.push_back(confidence);
}

/// Without a confidence (-1, -1) stands for a missing point too.
void AddBare(Keypoints& keypoints, double x, double y) {
  const bool missing = x == -1 && y == -1;
  Add(keypoints, missing ? kMissing : x, missing ? kMissing : y, missing ? kMissing : 1);
}

/// {"x": .., "y": .., "score": ..}, or with them in "position".
bool IsPointObject(const json& value) {
  if (!value.is_object()) return false;
  const auto position = value.find("position");
  const json& at = position == value.end() ? value : *position;
  return at.is_object() && at.contains("x") && at.contains("y") && !at["x"].is_array();
}

/// How deep lists of points nest: 1 = numbers, 2 = a list of points, 3 = of people, 0 = nothing of the kind.
int Depth(const json& value) {
  if (IsPointObject(value)) return 1;
  if (!value.is_array()) return 0;
  for (const json& item : value) {
    if (item.is_null() || (item.is_array() && item.empty())) continue;
    if (item.is_number()) return 1;
    const int depth = Depth(item);
    return depth > 0 && depth < 10 ? depth + 1 : 0;
  }
  return 0;
}

/// Numbers, or a list for each keypoint; where all are null, by how many there are (17 keypoints at least).
bool IsFlat(const json& list) {
  for (const json& item : list) {
    if (!item.is_null()) return !item.is_array() && !item.is_object();
  }
  return list.size() >= 3 * kJoints && list.size() % 3 == 0;
}

/// [x0, y0, c0, x1, ...]; [x0, y0, x1, ...] with the scores apart.
void ParseFlat(const json& list, const json* scores, const std::string& where, Keypoints& keypoints) {
  const size_t step = scores != nullptr && list.size() == 2 * scores->size() ? 2 : 3;
  if (list.size() % step != 0) {
    throw Error(where, ": expected three numbers a keypoint (x, y, confidence), found ", list.size(),
                " numbers");
  }
  for (size_t i = 0; i < list.size(); i += step) {
    const json& confidence = step == 2 ? (*scores)[i / 2] : list[i + 2];
    Add(keypoints, Number(list[i], where), Number(list[i + 1], where), Confidence(confidence, where));
  }
}

void ParsePointObject(const json& point, const json* score, const std::string& where, Keypoints& keypoints) {
  const auto position = point.find("position");
  const json& at = position == point.end() ? point : *position;
  const double x = Number(at["x"], where), y = Number(at["y"], where);
  const json* confidence = score != nullptr ? score : FindKey(point, kConfidenceKeys);
  if (confidence != nullptr) {
    Add(keypoints, x, y, Confidence(*confidence, where));
  } else {
    AddBare(keypoints, x, y);
  }
}

/// [x, y], [x, y, c], {"x": x, "y": y, ...} or null; `what` names the point in messages.
template <class What>
void ParsePoint(const json& point, const json* score, const What& what, const std::string& where,
                Keypoints& keypoints) {
  if (point.is_null() || (point.is_array() && point.empty()) || (point.is_object() && point.empty())) {
    return Add(keypoints, kMissing, kMissing, kMissing);
  }
  if (IsPointObject(point)) return ParsePointObject(point, score, where, keypoints);
  const bool with_confidence = score == nullptr && point.is_array() && point.size() == 3;
  if (!point.is_array() || (point.size() != 2 && !with_confidence)) {
    throw Error(where, ": expected keypoint ", what, " as [x, y]",
                score == nullptr ? " or [x, y, confidence]" : "", ", found ", Describe(point));
  }
  const double x = Number(point[0], where), y = Number(point[1], where);
  if (score != nullptr) {
    Add(keypoints, x, y, Confidence(*score, where));
  } else if (with_confidence) {
    Add(keypoints, x, y, Confidence(point[2], where));
  } else {
    AddBare(keypoints, x, y);
  }
}

/// {"x": [...], "y": [...], "visible": [...]}
void ParseColumns(const json& columns, const std::string& where, Keypoints& keypoints) {
  const json &x = columns["x"], &y = columns["y"];
  const json* confidence = FindKey(columns, kConfidenceKeys);
  const auto list_of = [&](const json* list) {
    return list == nullptr || (list->is_array() && list->size() == x.size());
  };
  if (!list_of(&y) || !list_of(confidence)) {
    throw Error(where, ": expected lists of ", x.size(),
                " as x, y and confidences of the keypoints, found others");
  }
  for (size_t i = 0; i < x.size(); ++i) {
    if (confidence != nullptr) {
      Add(keypoints, Number(x[i], where), Number(y[i], where), Confidence((*confidence)[i], where));
    } else {
      AddBare(keypoints, Number(x[i], where), Number(y[i], where));
    }
  }
}

/// {"nose": [x, y, c], ...}
void ParseNamed(const json& points, const std::string& where, Keypoints& keypoints,
                std::vector<std::string>* names) {
  if (names != nullptr) names->clear();
  for (const auto& item : points.items()) {
    ParsePoint(item.value(), nullptr, Concat("'", item.key(), "'"), where, keypoints);
    if (names != nullptr) names->push_back(item.key());
  }
}

/// The names beside the points of a list, where all have one.
void TakeNames(const json& list, std::vector<std::string>* names) {
  if (names == nullptr) return;
  std::vector<std::string> found;
  for (const json& point : list) {
    const json* name = FindKey(point, kNameKeys);
    if (name != nullptr && name->is_string()) found.push_back(name->get<std::string>());
  }
  if (found.size() == list.size()) *names = found;
}

void ParsePoints(const json& points, const json* scores, const std::string& key, const std::string& where,
                 Keypoints& keypoints, std::vector<std::string>* names) {
  if (points.is_object() && points.contains("x") && points["x"].is_array() && points.contains("y")) {
    return ParseColumns(points, where, keypoints);
  }
  if (points.is_object()) return ParseNamed(points, where, keypoints, names);
  if (!points.is_array()) throw Error(where, ": expected '", key, "' as a list, found ", Describe(points));
  if (scores != nullptr &&
      !(scores->is_array() && (scores->size() == points.size() || 2 * scores->size() == points.size()))) {
    throw Error(where, ": expected '", "keypoint_scores", "' as a list of ", points.size(), ", found ",
                Describe(*scores));
  }
  if (IsFlat(points)) return ParseFlat(points, scores, where, keypoints);
  if (scores != nullptr && scores->size() != points.size()) {
    throw Error(where, ": expected 'keypoint_scores' as a list of ", points.size(), ", found ",
                Describe(*scores));
  }
  for (size_t i = 0; i < points.size(); ++i) {
    ParsePoint(points[i], scores != nullptr ? &(*scores)[i] : nullptr, i, where, keypoints);
  }
  TakeNames(points, names);
}

/// A track's number or name; a list counts for its first element, a negative number for none.
std::string Track(const json& person, const std::string& where) {
  for (const char* key : kTrackKeys) {
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

/// Scores of keypoints, not the one score of a person.
const json* Scores(const json& person) {
  for (const char* key : kScoreKeys) {
    const auto found = person.find(key);
    if (found != person.end() && (found->is_array() || std::string_view(key) == "keypoint_scores"))
      return &*found;
  }
  return nullptr;
}

/// An object whose keypoints are those of several people, (P, K, 2), with scores (P, K) or without.
bool HoldsPeople(const json& object) {
  const json* points = FindKey(object, kPointKeys);
  return points != nullptr && points->is_array() && Depth(*points) == 3;
}

void ParsePeople(const json& list, const std::string& where, RawFrame& frame) {
  if (!list.is_array()) throw Error(where, ": expected a list of people, found ", Describe(list));
  for (size_t i = 0; i < list.size(); ++i) {
    frame.people.push_back(ParsePerson(list[i], Concat(where, ": person ", i), &frame.names));
  }
}

void ParseStack(const json& object, const std::string& where, RawFrame& frame) {
  const json &points = *FindKey(object, kPointKeys), *scores = Scores(object);
  for (size_t i = 0; i < points.size(); ++i) {
    const std::string at = Concat(where, ": person ", i);
    RawPerson person;
    if (scores != nullptr && scores->size() != points.size()) {
      throw Error(at, ": expected scores for ", points.size(), " people, found ", scores->size());
    }
    if (points[i].is_null() || points[i].empty()) {
      person.absent = "no keypoints in the file";
    } else {
      ParsePoints(points[i], scores != nullptr ? &(*scores)[i] : nullptr, "keypoints", at, person.keypoints,
                  &frame.names);
    }
    frame.people.push_back(std::move(person));
  }
}

ImageSize SizeOf(const json& object) {
  ImageSize size;
  for (const auto& [width, height] : {std::pair{"canvas_width", "canvas_height"},
                                      {"image_width", "image_height"},
                                      {"img_width", "img_height"},
                                      {"width", "height"}}) {
    const auto w = object.find(width), h = object.find(height);
    if (w == object.end() || h == object.end() || !w->is_number() || !h->is_number()) continue;
    size = {w->get<double>(), h->get<double>()};
    if (size.width >= 1 && size.height >= 1 && size.width <= kMostPixels && size.height <= kMostPixels)
      return size;
  }
  return {};
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

std::string ImageOf(const json& object, const std::string& where) {
  std::string key;
  const json* id = FindKey(object, kImageKeys, &key);
  return id == nullptr ? "" : ParseId(*id, Concat("'", key, "'"), where);
}

JsonKind KindOf(const json& value) {
  if (value.is_null() || ((value.is_object() || value.is_array()) && value.empty()))
    return JsonKind::kNothing;
  if (value.is_object()) {
    const json* points = FindKey(value, kPointKeys);
    if (points != nullptr) {
      if (HoldsPeople(value)) return JsonKind::kFrame;
      return FindKey(value, kImageKeys) != nullptr ? JsonKind::kPersonOfImage : JsonKind::kPerson;
    }
    return FindKey(value, kPeopleKeys) != nullptr ? JsonKind::kFrame : JsonKind::kUnknown;
  }
  if (!value.is_array()) return JsonKind::kUnknown;
  const int depth = Depth(value);
  if (depth == 3) return JsonKind::kPeople;
  if (depth == 2 || (depth == 1 && value.size() > 4)) return JsonKind::kPerson;
  for (const json& item : value) {
    const JsonKind kind = KindOf(item);
    if (kind == JsonKind::kNothing) continue;
    const bool people = item.is_object() && (kind == JsonKind::kPerson || kind == JsonKind::kPersonOfImage);
    return people ? JsonKind::kPeople : JsonKind::kUnknown;
  }
  return JsonKind::kPeople;  // of nobodies
}

RawPerson ParsePerson(const json& person, const std::string& where, std::vector<std::string>* names) {
  constexpr const char* kNone = "no keypoints in the file";
  RawPerson raw;
  if (person.is_null() || ((person.is_object() || person.is_array()) && person.empty())) {
    raw.absent = kNone;
    return raw;
  }
  if (person.is_array()) {
    ParsePoints(person, nullptr, "keypoints", where, raw.keypoints, names);
    return raw;
  }
  if (!person.is_object()) throw Error(where, ": expected a person as an object, found ", Describe(person));
  raw.track = Track(person, where);
  std::string key;
  const json* points = FindKey(person, kPointKeys, &key);
  if (points == nullptr) {
    if (!person.contains("bbox") && !person.contains("box") && !person.contains("score")) {
      throw Error(where, ": expected a person with 'keypoints' or 'pose_keypoints_2d', found neither");
    }
    raw.absent = kNone;
  } else if (points->is_null() || ((points->is_array() || points->is_object()) && points->empty())) {
    raw.absent = kNone;
  } else if (const json* category = FindKey(person, kCategoryKeys);
             category != nullptr && category->is_string() && IsNotHuman(category->get<std::string>())) {
    raw.absent = Concat("no person but the category '", category->get<std::string>().substr(0, 40), "'");
  } else {
    const bool one_of_one = points->is_array() && points->size() == 1 && Depth(*points) == 3;
    ParsePoints(one_of_one ? (*points)[0] : *points, Scores(person), key, where, raw.keypoints, names);
  }
  return raw;
}

void ParseFrame(const json& value, const std::string& where, RawFrame& frame) {
  frame.where = where;
  if (value.is_array()) {
    if (KindOf(value) == JsonKind::kPerson) {
      frame.people.push_back(ParsePerson(value, where, &frame.names));
    } else {
      ParsePeople(value, where, frame);
      if (!value.empty() && value[0].is_object()) frame.image = ImageOf(value[0], where);
    }
    return;
  }
  if (!value.is_object()) throw Error(where, ": expected an object with 'people', found ", Describe(value));
  frame.image = ImageOf(value, where);
  frame.size = SizeOf(value);
  if (HoldsPeople(value)) return ParseStack(value, where, frame);
  if (FindKey(value, kPointKeys) != nullptr) {
    frame.people.push_back(ParsePerson(value, where, &frame.names));
    return;
  }
  std::string key;
  const json* people = FindKey(value, kPeopleKeys, &key);
  if (people == nullptr) throw Error(where, ": expected an object with 'people', found none");
  const bool nested = people->is_array() && people->size() == 1 && (*people)[0].is_array() &&
                      KindOf((*people)[0]) == JsonKind::kPeople;  // MMPose's predictions of one image
  ParsePeople(nested ? (*people)[0] : *people, where, frame);
}

}  // namespace links
