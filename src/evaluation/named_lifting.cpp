#include "links/evaluation/named_lifting.h"

#include <torch/types.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "links/core/error.h"
#include "links/core/text.h"
#include "links/evaluation/occlusion_evaluation.h"
#include "links/occlusion/pattern.h"

namespace links {
namespace {

// What a scenario of an evaluation hides.
std::vector<int> HiddenJoints(const std::string& scenario) {
  for (const Scenario& known : Scenarios()) {
    if (known.name == scenario) return known.missing;
  }
  std::vector<int> hidden;
  std::istringstream names(scenario.substr(scenario.find('/') + 1));
  for (std::string name; std::getline(names, name, '+');) {
    hidden.push_back(JointNamed(name));
    if (hidden.back() < 0) {
      throw UsageError("expected a scenario (", ScenarioNames().front(), " ... ", ScenarioNames().back(),
                       ") or joints (LWrist+RAnkle), found '", scenario, "'");
    }
  }
  const auto seen = kJoints - static_cast<int>(hidden.size());
  if (hidden.empty() || seen < kFewestSeen)
    throw UsageError("expected at least ", kFewestSeen, " joints to be seen, found ", seen, " in '", scenario,
                     "'");
  return hidden;
}

// The same joints of all poses.
torch::Tensor SeenOfEach(const std::vector<int>& hidden, int64_t poses) {
  return SeenWithout(hidden).expand({poses, kJoints});
}

NamedLifting LiftComposition(PoseLifters& lifters, const std::string& composition,
                             const torch::Tensor& keypoints) {
  std::vector<std::string> known;
  for (const LiftedPoses& lifted : LiftAll(lifters, keypoints)) {
    if (lifted.composition == composition) return {lifted.joints, SeenOfEach({}, keypoints.size(0))};
    known.push_back(lifted.composition);
  }
  throw UsageError("expected a composition that the run has (", Join(known, ", "),
                   "), or FILLER:SCENARIO, found '", composition, "'");
}

}  // namespace

LiftingName ParseLiftingName(const std::string& text) {
  const size_t colon = text.find(':');
  if (colon == std::string::npos && !text.empty()) return {text};
  const std::string filler = text.substr(0, colon);
  if (colon == std::string::npos || colon + 1 == text.size() ||
      (filler != "o2d" && filler != "o3d" && filler != "mask")) {
    throw UsageError(
        "expected a composition (legs_torso) or FILLER:SCENARIO with o2d, o3d or mask "
        "(o3d:left_arm), found '",
        text, "'");
  }
  return {"legs_torso", text.substr(colon + 1), filler};
}

NamedLifting LiftNamed(PoseLifters& lifters, Fillers* fillers, Completion* completion,
                       const LiftingName& name, const torch::Tensor& keypoints) {
  const int64_t poses = keypoints.size(0);
  if (name.filler == "none") return LiftComposition(lifters, name.composition, keypoints);
  if (!lifters->Has(LegsTorso()))
    throw UsageError("expected lifters of legs and torso for ", name.filler, ", found a run without");
  if (name.filler == "mask") {
    if (!completion) throw UsageError("expected a run with the stage completion for mask, found one without");
    int fewest = 0, most = 0, end = 0;
    const bool random = std::sscanf(name.scenario.c_str(), "random_%d_%d%n", &fewest, &most, &end) == 2 &&
                        end == static_cast<int>(name.scenario.size());
    if (random && (fewest < 0 || most < fewest || most > kJoints - kFewestSeen)) {
      throw UsageError("expected random_A_B with numbers from 0 to ", kJoints - kFewestSeen, ", found '",
                       name.scenario, "'");
    }
    const torch::Tensor seen = random ? RandomlySeen(poses, fewest, most, kOcclusionSeed)
                                      : SeenOfEach(HiddenJoints(name.scenario), poses);
    return {LiftMasked(lifters, *completion, keypoints, seen), seen};
  }
  if (!fillers)
    throw UsageError("expected a run with occlusion fillers for ", name.filler, ", found one without");
  const std::vector<int> hidden = HiddenJoints(name.scenario);
  // Another pattern than a scenario: O_3D drops the whole limbs of the scenario that covers the joints.
  const std::vector<Scenario>& own = (*fillers)->scenarios();
  const auto named = std::ranges::find(own, name.scenario, &Scenario::name);
  const Scenario* scenario = named != own.end() ? &*named : CoveringScenario(hidden, own);
  if (!scenario || (name.filler == "o2d" && scenario->missing != hidden))
    throw UsageError("expected a scenario that the run has a filler of for ", name.filler, ", found '",
                     name.scenario, "'");
  const torch::Tensor seen = SeenOfEach(scenario->missing, poses);
  if (name.filler == "o2d") return {LiftOccluded2d(lifters, *fillers, *scenario, keypoints), seen};
  if (!lifters->Has(scenario->visible))
    throw UsageError("expected lifters that see what '", name.scenario, "' leaves, found a run without");
  return {LiftOccluded3d(lifters, *fillers, *scenario, keypoints), seen};
}

}  // namespace links
