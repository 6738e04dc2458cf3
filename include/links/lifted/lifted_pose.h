#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "links/skeleton/skeleton.h"

namespace links {

/// Where a joint of a lifted pose comes from.
enum class JointState {
  kLifted,   ///< seen, and lifted by a segment's network
  kRay,      ///< seen, completed along its ray: only the depth is a guess
  kGuessed,  ///< not seen
};

/// "lifted", "ray" or "guessed".
std::string_view JointStateName(JointState state);

/// (17, 3) in units of the body (head to root is about 1), camera frame: x right, y down, z forward.
using Joints3 = std::array<double, kJoints * 3>;

/// One person of a frame in 3D.
struct LiftedPerson {
  std::string track;  ///< "" = none
  int person = 0;     ///< place in the frame
  Joints3 joints{};   ///< from the root, which is at (0, 0, 0)
  std::array<JointState, kJoints> states{};
  std::array<float, kJoints * 2> px{};      ///< (17, 2) pixels, what was lifted; 0 where not seen
  std::array<float, kJoints> confidence{};  ///< the detector's; 0 where not seen
  double mm_per_unit = 0;                   ///< 0 = not known
  std::string lifters;                      ///< those used, "legs+torso"
  double plausibility = std::numeric_limits<double>::quiet_NaN();  ///< of the flows; NaN = not known
  double scale_px = 0;                                             ///< head top-root distance, pixels
  std::string scale_from;                                          ///< how scale_px was found
  bool root_estimated = false;
  std::array<double, 2> root_px{};  ///< where the root is in the image, seen or estimated
  bool upright = false;             ///< `joints` have y down along gravity, not the camera's axes
  std::array<double, 3> root{};     ///< where the root then is above the ground (y = 0), units of the body
  std::string unusable;             ///< why there is no pose; "" = there is one, else `joints` say nothing
  /// (17) radius around each joint within which 68 % of true ones lie, units; empty = not asked for
  std::vector<float> spread;
  std::vector<Joints3> hypotheses;  ///< other answers, as `joints`; may be empty
};

struct LiftedFrame {
  std::string image;
  int64_t index = 0;
  std::vector<LiftedPerson> people;
};

}  // namespace links
