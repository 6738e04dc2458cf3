#include "links/data/human36m_names.h"

#include <algorithm>
#include <utility>

namespace links {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kAliases = {
    {{"TakingPhoto", "Photo"}, {"WalkingDog", "WalkDog"}, {"WalkingTogether", "WalkTogether"}}};

constexpr std::string_view kShifted = "3D ground truth shifted against the pictures";

constexpr std::array<Human36mDamage, 4> kDamages = {{
    {"S11", "Directions-2", "Directions", "54138969", "corrupt video"},
    {"S9", "Greeting-2", "Greeting", "", kShifted},
    {"S9", "SittingDown-2", "SittingDown 1", "", kShifted},
    {"S9", "Waiting-1", "Waiting 1", "", kShifted},
}};

}  // namespace

std::string Human36mAction(std::string_view clip) {
  if (const size_t separator = clip.find_first_of(" -"); separator != std::string_view::npos) {
    const std::string_view take = clip.substr(separator + 1);
    if (take.empty() || take.find_first_not_of("0123456789") != std::string_view::npos) return "";
    clip = clip.substr(0, separator);
  }
  for (const auto& [alias, name] : kAliases) {
    if (clip == alias) clip = name;
  }
  const bool known =
      std::find(kHuman36mActions.begin(), kHuman36mActions.end(), clip) != kHuman36mActions.end();
  return known ? std::string(clip) : "";
}

const Human36mDamage* FindHuman36mDamage(std::string_view subject, std::string_view clip) {
  for (const Human36mDamage& damage : kDamages) {
    if (damage.subject == subject && (damage.fetch_name == clip || damage.original_name == clip))
      return &damage;
  }
  return nullptr;
}

}  // namespace links
