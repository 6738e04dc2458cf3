#include <cmath>
#include <nlohmann/json.hpp>

#include "lifted_text.h"

namespace links {
namespace {

using nlohmann::ordered_json;

double Rounded(double value, double steps) {
  return std::round(value * steps) / steps;
}

/// (17, 3) as 17 lists.
ordered_json Points(const Joints3& joints, double scale, double steps) {
  ordered_json points = ordered_json::array();
  for (int j = 0; j < kJoints; ++j) {
    ordered_json point = ordered_json::array();
    for (int k = 0; k < 3; ++k) point.push_back(Rounded(scale * joints[3 * j + k], steps));
    points.push_back(std::move(point));
  }
  return points;
}

/// [x, y, confidence], null where not seen.
ordered_json Keypoints(const LiftedPerson& person) {
  ordered_json points = ordered_json::array();
  for (int j = 0; j < kJoints; ++j) {
    if (person.states[j] == JointState::kGuessed) {
      points.push_back(nullptr);
    } else {
      points.push_back({Rounded(person.px[2 * j], 1e3), Rounded(person.px[2 * j + 1], 1e3),
                        Rounded(person.confidence[j], 1e4)});
    }
  }
  return points;
}

ordered_json Person(const LiftedPerson& person) {
  ordered_json json;
  json["person"] = person.person;
  json["track"] = person.track.empty() ? ordered_json() : ordered_json(person.track);
  if (!person.unusable.empty()) {
    json["joints"] = nullptr;
    json["unusable"] = person.unusable;
    return json;
  }
  json["joints"] = Points(person.joints, 1, 1e6);
  if (person.mm_per_unit > 0) json["joints_mm"] = Points(person.joints, person.mm_per_unit, 1e3);
  if (person.upright) {
    const auto root = [&](double scale, double steps) {
      ordered_json place = ordered_json::array();
      for (const double x : person.root) place.push_back(Rounded(scale * x, steps));
      return place;
    };
    json["root"] = root(1, 1e6);
    if (person.mm_per_unit > 0) json["root_mm"] = root(person.mm_per_unit, 1e3);
  }
  for (const JointState state : person.states) json["states"].push_back(JointStateName(state));
  json["keypoints"] = Keypoints(person);
  json["lifters"] = person.lifters;
  json["plausibility"] = Rounded(person.plausibility, 1e4);
  json["scale_px"] = Rounded(person.scale_px, 1e3);
  json["scale_from"] = person.scale_from;
  json["root_px"] = {Rounded(person.root_px[0], 1e3), Rounded(person.root_px[1], 1e3)};
  json["root_estimated"] = person.root_estimated;
  for (const float radius : person.spread) {
    json["spread"].push_back(Rounded(radius, 1e4));
    if (person.mm_per_unit > 0) json["spread_mm"].push_back(Rounded(radius * person.mm_per_unit, 10));
  }
  for (const Joints3& joints : person.hypotheses) json["hypotheses"].push_back(Points(joints, 1, 1e6));
  return json;
}

}  // namespace

std::string_view JointStateName(JointState state) {
  return state == JointState::kLifted ? "lifted" : state == JointState::kRay ? "ray" : "guessed";
}

std::string LiftedJson(const LiftedFrame& frame) {
  ordered_json json;
  json["image"] = frame.image;
  json["index"] = frame.index;
  json["people"] = ordered_json::array();
  for (const LiftedPerson& person : frame.people) json["people"].push_back(Person(person));
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace links
