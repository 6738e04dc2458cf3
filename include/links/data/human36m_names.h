#pragma once

#include <array>
#include <string>
#include <string_view>

#include "links/skeleton/skeleton.h"

namespace links {

// clang-format off: tables
inline constexpr std::array<std::string_view, 7> kHuman36mSubjects = {"S1", "S5", "S6", "S7",
                                                                      "S8", "S9", "S11"};

/// The cameras 1 to 4 of every subject.
inline constexpr std::array<std::string_view, 4> kHuman36mCameras = {"54138969", "55011271", "58860488",
                                                                     "60457274"};

/// The 15 actions as the field names them.
inline constexpr std::array<std::string_view, 15> kHuman36mActions = {
    "Directions", "Discussion",  "Eating",  "Greeting", "Phoning", "Photo",        "Posing", "Purchases",
    "Sitting",    "SittingDown", "Smoking", "Waiting",  "WalkDog", "WalkTogether", "Walking"};

/// Where our 17 joints are among the 32 that Human3.6M records.
inline constexpr int kHuman36mRecordedJoints = 32;
inline constexpr std::array<int, kJoints> kHuman36mJoints = {0,  1,  2,  3,  6,  7,  8,  12, 13,
                                                             14, 15, 17, 18, 19, 25, 26, 27};
// clang-format on

/// The action of a clip named as in h36m-fetch ("TakingPhoto-2") or in the original data ("TakingPhoto 1",
/// "Photo"), whatever it is called there: "Photo". "" when it is none of the 15.
std::string Human36mAction(std::string_view clip);

/// A clip of which something is known to be wrong.
struct Human36mDamage {
  std::string_view subject;
  std::string_view fetch_name;     ///< as h36m-fetch names the clip
  std::string_view original_name;  ///< as the original data and VideoPose3D do
  std::string_view camera;         ///< "" = all of them
  std::string_view what;
};

/// The damage of a clip in either naming, or nullptr.
const Human36mDamage* FindHuman36mDamage(std::string_view subject, std::string_view clip);

}  // namespace links
