#include "skeleton_check.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "links/core/error.h"
#include "median.h"

namespace links {
namespace {

using Eigen::Vector3d;

constexpr double kLeastStature = 1200, kMostStature = 2200;  // mm
constexpr double kTypicalStature = 1700;
constexpr double kAboveAnkles = 0.961;                    // share of a stature (Drillis and Contini 1966)
constexpr double kLeastForearm = .6, kMostForearm = 1.3;  // of an upper arm
constexpr double kUpright = .7;  // share of the way from the ankles to the head top along an axis
constexpr int64_t kFramesJudged = 50;

struct Unit {
  const char* name;
  double mm;
};
constexpr std::array<Unit, 6> kUnits = {{{"millimetres", 1},
                                         {"centimetres", 10},
                                         {"inches", 25.4},
                                         {"units of 1/0.45 inch", 25.4 / .45},
                                         {"feet", 304.8},
                                         {"metres", 1000}}};

double Length(const WorldPose& pose, int a, int b) {
  return (pose[a] - pose[b]).norm();
}

double Stature(const WorldPose& pose) {
  double legs = 0, spine = 0;
  for (const int hip : {kRHip, kLHip}) legs += Length(pose, hip, hip + 1) + Length(pose, hip + 1, hip + 2);
  for (const int joint : {kSpine, kThorax, kHead, kHeadTop}) {
    spine += Length(pose, joint == kSpine ? static_cast<int>(kHip) : joint - 1, joint);
  }
  return (legs / 2 + spine) / kAboveAnkles;
}

/// From the ankles to the head top, as a share of its length along each axis of the world; the mean over
/// poses.
Vector3d Direction(const std::vector<WorldPose>& poses) {
  Vector3d sum = Vector3d::Zero();
  for (const WorldPose& pose : poses) {
    const Vector3d way = pose[kHeadTop] - .5 * (pose[kLAnkle] + pose[kRAnkle]);
    if (way.norm() > 0) sum += way.normalized();
  }
  return sum / static_cast<double>(poses.size());
}

/// Some frames of the clip; without frames its rest pose.
MocapClip Some(const MocapClip& clip, bool rest) {
  MocapClip some = clip;
  some.frames = rest ? 1 : std::min(clip.frames, kFramesJudged);
  some.values.assign(static_cast<size_t>(some.frames * clip.channels), 0);
  if (rest) {
    size_t column = 0;  // positions as the offsets have them
    for (const MocapJoint& joint : clip.joints) {
      for (const MocapChannel& channel : joint.channels) {
        if (!channel.rotation) some.values[column] = joint.offset[channel.axis];
        ++column;
      }
    }
    return some;
  }
  for (int64_t i = 0; i < some.frames; ++i) {
    const int64_t frame = i * clip.frames / some.frames;
    std::copy_n(clip.values.begin() + frame * clip.channels, clip.channels,
                some.values.begin() + i * clip.channels);
  }
  return some;
}

/// The axis of the world that the body stands along, 0 to 2, or -1; with its sign.
std::pair<int, int> StandsAlong(const Vector3d& direction) {
  int axis = 0;
  direction.cwiseAbs().maxCoeff(&axis);
  if (std::abs(direction[axis]) < kUpright) return {-1, 0};
  return {axis, direction[axis] > 0 ? 1 : -1};
}

/// The map's up axis, put right where the poses and the rest pose say so.
void FitAxis(const MocapClip& clip, const std::vector<WorldPose>& poses, SkeletonFit& fit) {
  const auto [axis, sign] = StandsAlong(Direction(poses));
  if (axis == 2 && sign > 0) return;
  const auto [rest_axis, rest_sign] = StandsAlong(Direction(MapJoints(Some(clip, true), fit.map)));
  if (rest_axis == 2 && rest_sign > 0) return;  // they lie, or do a handstand
  const int told = rest_axis >= 0 ? rest_axis : axis, told_sign = rest_axis >= 0 ? rest_sign : sign;
  if (told < 0) return;  // people who crawl, of a rest pose that says nothing
  // The world's axes are the file's (z, x, y) with y up, (x, y, z) with z up.
  const bool y_up = fit.map.up == 'y';
  const int file_axis = y_up ? (told + 2) % 3 : told;
  const char other = y_up ? 'z' : 'y';
  if (told_sign > 0 && "xyz"[file_axis] == other) {
    fit.map.up = other;
    fit.changed += Concat(fit.changed.empty() ? "" : ", ", "the axis ", other, " is up");
    return;
  }
  fit.wrong = Concat("a body that stands along ", y_up ? "y" : "z", ", found one along ",
                     told_sign < 0 ? "-" : "", "xyz"[file_axis], " (--map FILE.yaml may say up: y or z)");
}

/// The map for a file in other units; what the map adds to joints keeps its length.
JointMap InUnits(JointMap map, double unit_mm) {
  for (JointSource& joint : map.joints) joint.offset *= map.unit_mm / unit_mm;
  map.unit_mm = unit_mm;
  return map;
}

struct Body {
  std::vector<WorldPose> poses;
  double stature_mm, forearm;  // forearm: against the upper arm

  Body(const MocapClip& clip, const JointMap& map) : poses(MapJoints(clip, map)) {
    std::vector<double> statures, forearms;
    for (const WorldPose& pose : poses) {
      statures.push_back(Stature(pose));
      for (const int shoulder : {kLShoulder, kRShoulder}) {
        const double upper = Length(pose, shoulder, shoulder + 1);
        forearms.push_back(upper > 0 ? Length(pose, shoulder + 1, shoulder + 2) / upper : 1e9);
      }
    }
    stature_mm = Median(statures);
    forearm = Median(forearms);
  }

  bool IsGrown() const { return stature_mm >= kLeastStature && stature_mm <= kMostStature; }
};

}  // namespace

SkeletonFit FitSkeleton(const MocapClip& clip, const JointMap& map) {
  SkeletonFit fit{map, "", ""};
  const MocapClip some = Some(clip, false);
  Body body(some, map);
  const double stature = body.stature_mm;
  for (const Unit& unit : kUnits) {
    if (body.IsGrown()) break;
    fit.map = InUnits(map, unit.mm);
    fit.changed = Concat("the file is in ", unit.name);
    body = Body(some, fit.map);
  }
  if (!body.IsGrown()) {
    fit.wrong = Concat("a stature of ", kLeastStature, " to ", kMostStature, " mm, found ",
                       std::lround(stature), " mm (unit_mm: ", kTypicalStature / stature * map.unit_mm,
                       " in a --map FILE.yaml would make it ", kTypicalStature, ")");
  } else if (!(body.forearm >= kLeastForearm && body.forearm <= kMostForearm)) {
    fit.wrong =
        Concat("a forearm of ", kLeastForearm, " to ", kMostForearm, " upper arms, found ",
               std::round(100 * body.forearm) / 100, ": the map's elbow or wrist is another joint here");
  } else {
    FitAxis(clip, body.poses, fit);
  }
  return fit;
}

}  // namespace links
