#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "body_model.h"
#include "links/core/random.h"

namespace links {

inline constexpr double kSyntheticFps = 10;

enum class Action {
  kWalk,
  kRun,
  kTalk,
  kReach,
  kSit,
  kSquat,
  kBow,
  kWave,
  kKick,
  kBox,
  kLunge,
  kStretch,
  kTurn
};

/// The action's names in a pose file, in the order of the enumeration.
inline constexpr std::array<std::string_view, 13> kActionNames = {
    "walk", "run", "talk", "reach", "sit", "squat", "bow", "wave", "kick", "box", "lunge", "stretch", "turn"};

/// A clip of an action as smooth motion, `frames` poses at kSyntheticFps.
std::vector<BodyPose> SampleMotion(Action action, int frames, Random& random);

}  // namespace links
