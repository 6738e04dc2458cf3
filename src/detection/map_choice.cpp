#include "map_choice.h"

#include <algorithm>

#include "anatomy.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/core/text.h"
#include "links/detection/keypoint_names.h"

namespace links {
namespace {

constexpr double kTie = .02;  // misfits that say nothing about each other

std::string Names(const std::vector<const KeypointMap*>& maps) {
  std::vector<std::string> names;
  for (const KeypointMap* map : maps) names.push_back(map->name);
  return Join(names, ", ");
}

/// Of the maps for that many keypoints the one under which people look like bodies.
KeypointMap ByAnatomy(const std::vector<const Keypoints*>& people, const std::string& where) {
  const int count = people.front()->size();
  const std::vector<const KeypointMap*> maps = KeypointMapsFor(count);
  if (maps.empty()) {
    throw Error(where, ": expected as many keypoints as a map has (", KeypointMapNames(),
                "; --map also takes a YAML file), found ", count);
  }
  const KeypointMap* best = nullptr;
  BodyFit best_fit;
  bool judged = false;
  for (const KeypointMap* map : maps) {
    const BodyFit fit = FitBody(*map, people);
    judged = judged || fit.people > 0;
    if (best == nullptr || fit.misfit < best_fit.misfit - kTie) {
      best = map;
      best_fit = fit;
    }
  }
  // With one map alone its spans need not hold: crowds, close-ups and cartoons come here too.
  const bool plausible =
      maps.size() > 1 ? IsPlausible(best_fit) : best_fit.people == 0 || best_fit.upright >= .5;
  if (!plausible) {
    throw Error(where, ": expected people, head up, under a map of ", count, " keypoints (", Names(maps),
                "), found none under any; --map NAME or FILE.yaml says which one holds");
  }
  if (maps.size() > 1) {
    LogInfo(Concat(where, ": ", count, " keypoints may be ", Names(maps), ": taken for ", best->name,
                   judged ? ", by how the people look" : ", as nobody shows enough to tell",
                   " (--map says otherwise)"));
  }
  return *best;
}

void WarnUnlessBodies(const KeypointMap& map, const std::vector<const Keypoints*>& people,
                      const std::string& where) {
  const BodyFit fit = FitBody(map, people);
  if (!IsPlausible(fit)) {
    LogWarning(Concat(where, ": under the keypoint map ", map.name, " the people do not look like bodies"));
  }
}

}  // namespace

KeypointMap ChooseMap(const std::string& asked, const std::string& fixed, const SourceFacts& facts,
                      const std::vector<std::string>& names, const std::vector<const Keypoints*>& people,
                      const std::string& where) {
  const std::vector<std::string>& stated = facts.names.empty() ? names : facts.names;
  KeypointMap map;
  if (asked != "auto") {
    map = FindKeypointMap(asked);
  } else if (!fixed.empty()) {
    return FindKeypointMap(fixed);
  } else if (!stated.empty()) {
    map = KeypointMapOfNames(stated, where);
  } else if (const KeypointMap* known = KeypointMapOfDataset(facts.dataset)) {
    map = *known;
  } else {
    return ByAnatomy(people, where);
  }
  if (!map.Takes(people.front()->size())) {
    throw Error(where, ": expected ", map.counts[0], " keypoints for the map ", map.name, ", found ",
                people.front()->size());
  }
  WarnUnlessBodies(map, people, where);
  return map;
}

}  // namespace links
