#include "links/lifted/bvh_export.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <numbers>

#include "links/core/error.h"

namespace links {
namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;
using Pose = std::array<Vector3d, kJoints>;
using Lengths = std::array<double, kBones>;  // of kBoneList

constexpr double kTiny = 1e-9;
constexpr double kDegrees = 180 / std::numbers::pi;
constexpr double kTipShare = .25;  // length of an end site against its bone

/// How a joint turns.
enum class Turn { kHips, kThorax, kBone, kNone };

/// A joint of the file. With Turn::kBone its +axis or -axis points at the joint `aim`.
struct Node {
  const char* name;
  int parent;  // in kNodes, -1 = none
  int joint;   // of the 17, -1 = one of length 0
  Turn turn;
  int aim;   // of the 17, -1 = none
  int axis;  // of the rest direction of the bone that ends here
  double sign;
  std::array<int, 3>
      order;  // of its rotation channels; the middle one is the bone's own axis, far from a lock
};

// clang-format off: a table
constexpr std::array<int, 3> kZxy = {2, 0, 1}, kXyz = {0, 1, 2}, kYxz = {1, 0, 2}, kYzx = {1, 2, 0};
constexpr Node kNodes[] = {
    {"Hip", -1, kHip, Turn::kHips, -1, 1, 1, kYzx},
    {"RPelvis", 0, -1, Turn::kBone, kRHip, 0, -1, kYxz},
    {"RHip", 1, kRHip, Turn::kBone, kRKnee, 0, -1, kXyz},
    {"RKnee", 2, kRKnee, Turn::kBone, kRAnkle, 1, -1, kXyz},
    {"RAnkle", 3, kRAnkle, Turn::kNone, -1, 1, -1, kXyz},
    {"LPelvis", 0, -1, Turn::kBone, kLHip, 0, 1, kYxz},
    {"LHip", 5, kLHip, Turn::kBone, kLKnee, 0, 1, kXyz},
    {"LKnee", 6, kLKnee, Turn::kBone, kLAnkle, 1, -1, kXyz},
    {"LAnkle", 7, kLAnkle, Turn::kNone, -1, 1, -1, kXyz},
    {"Waist", 0, -1, Turn::kBone, kSpine, 1, 1, kXyz},
    {"Spine", 9, kSpine, Turn::kBone, kThorax, 1, 1, kXyz},
    {"Thorax", 10, kThorax, Turn::kThorax, -1, 1, 1, kZxy},
    {"Neck", 11, -1, Turn::kBone, kHead, 1, 1, kXyz},
    {"Head", 12, kHead, Turn::kBone, kHeadTop, 1, 1, kXyz},
    {"HeadTop", 13, kHeadTop, Turn::kNone, -1, 1, 1, kXyz},
    {"LCollar", 11, -1, Turn::kBone, kLShoulder, 0, 1, kYxz},
    {"LShoulder", 15, kLShoulder, Turn::kBone, kLElbow, 0, 1, kYxz},
    {"LElbow", 16, kLElbow, Turn::kBone, kLWrist, 0, 1, kYxz},
    {"LWrist", 17, kLWrist, Turn::kNone, -1, 0, 1, kYxz},
    {"RCollar", 11, -1, Turn::kBone, kRShoulder, 0, -1, kYxz},
    {"RShoulder", 19, kRShoulder, Turn::kBone, kRElbow, 0, -1, kYxz},
    {"RElbow", 20, kRElbow, Turn::kBone, kRWrist, 0, -1, kYxz},
    {"RWrist", 21, kRWrist, Turn::kNone, -1, 0, -1, kYxz},
};
// clang-format on
constexpr int kNodeCount = static_cast<int>(std::size(kNodes));

Vector3d RestDirection(const Node& node) {
  return node.sign * Vector3d::Unit(node.axis);
}

int BoneTo(int joint) {
  for (int bone = 0; bone < kBones; ++bone) {
    if (kBoneList[bone].child == joint) return bone;
  }
  return -1;
}

/// From the camera's axes to BVH's.
Pose ToBvh(const std::array<float, kJoints * 3>& joints) {
  Pose pose;
  for (int j = 0; j < kJoints; ++j) pose[j] = Vector3d(joints[3 * j], -joints[3 * j + 1], -joints[3 * j + 2]);
  return pose;
}

Lengths MedianLengths(const LiftedTrack& track) {
  Lengths lengths;
  std::vector<float> values(track.poses.size());
  for (int bone = 0; bone < kBones; ++bone) {
    const auto [parent, child] = kBoneList[bone];
    for (size_t i = 0; i < values.size(); ++i) {
      const auto& p = track.poses[i];
      values[i] = std::hypot(p[3 * child] - p[3 * parent], p[3 * child + 1] - p[3 * parent + 1],
                             p[3 * child + 2] - p[3 * parent + 2]);
    }
    const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    lengths[bone] = std::max(*middle, 1e-6f);
  }
  return lengths;
}

/// The frame whose x axis goes from right to left and whose y axis is nearest to `up`; `fallback` where the
/// joints do not say.
Matrix3d BodyFrame(const Vector3d& right_to_left, const Vector3d& up, const Matrix3d& fallback) {
  const Vector3d z = right_to_left.cross(up);
  if (z.norm() < 1e-4 * right_to_left.norm() * up.norm() || z.norm() < kTiny) return fallback;
  Matrix3d frame;
  frame.col(0) = right_to_left.normalized();
  frame.col(2) = z.normalized();
  frame.col(1) = frame.col(2).cross(frame.col(0));
  return frame;
}

/// Angles of R = R(order[0]) R(order[1]) R(order[2]) in degrees, those nearest to `angles`, which they
/// replace.
void EulerNearest(const Matrix3d& rotation, const std::array<int, 3>& order, Vector3d& angles) {
  const auto [i, j, k] = order;
  const double even = (j - i + 3) % 3 == 1 ? 1 : -1;
  const double sine = std::clamp(even * rotation(i, k), -1., 1.);
  Vector3d first, second;
  first[1] = std::asin(sine);
  if (std::abs(sine) > 1 - 1e-12) {  // the outer two turn about the same axis: keep the first as it was
    first[0] = angles[0] / kDegrees;
    const Matrix3d outer = Eigen::AngleAxisd(first[0], Vector3d::Unit(i)).toRotationMatrix() *
                           Eigen::AngleAxisd(first[1], Vector3d::Unit(j)).toRotationMatrix();
    const Matrix3d inner = outer.transpose() * rotation;
    first[2] = std::atan2(inner((k + 2) % 3, (k + 1) % 3), inner((k + 1) % 3, (k + 1) % 3));
  } else {
    first[0] = std::atan2(-even * rotation(j, k), rotation(k, k));
    first[2] = std::atan2(-even * rotation(i, j), rotation(i, i));
  }
  first *= kDegrees;
  second = {first[0] + 180, 180 - first[1], first[2] + 180};
  for (Vector3d* candidate : {&first, &second}) {
    for (int n = 0; n < 3; ++n) (*candidate)[n] -= 360 * std::round(((*candidate)[n] - angles[n]) / 360);
  }
  angles = (first - angles).norm() <= (second - angles).norm() ? first : second;
}

/// Turns poses into rows of the motion table, one after the other.
class Motion {
 public:
  Motion() {
    world_.fill(Matrix3d::Identity());
    angles_.fill(Vector3d::Zero());
  }

  std::string Row(const Pose& pose) {
    std::string row;
    Add(row, pose[kHip], 6);
    for (int n = 0; n < kNodeCount; ++n) {
      const Node& node = kNodes[n];
      const Matrix3d parent = node.parent < 0 ? Matrix3d::Identity() : world_[node.parent];
      const Matrix3d local = parent.transpose() * World(node, parent, pose, world_[n]);
      EulerNearest(local, node.order, angles_[n]);
      world_[n] = parent * local;
      Add(row, angles_[n], 4);
    }
    row.back() = '\n';
    return row;
  }

 private:
  static Matrix3d World(const Node& node, const Matrix3d& parent, const Pose& pose, const Matrix3d& before) {
    switch (node.turn) {
      case Turn::kHips:
        return BodyFrame(pose[kLHip] - pose[kRHip], pose[kSpine] - pose[kHip], before);
      case Turn::kThorax:
        return BodyFrame(pose[kLShoulder] - pose[kRShoulder], pose[kThorax] - pose[kSpine], before);
      case Turn::kNone:
        return parent;
      case Turn::kBone:
        break;
    }
    const Vector3d bone = pose[node.aim] - pose[kBoneList[BoneTo(node.aim)].parent];
    if (bone.norm() < kTiny) return before;
    const Vector3d rest = RestDirection(*std::find_if(
        std::begin(kNodes), std::end(kNodes), [&](const Node& other) { return other.joint == node.aim; }));
    return parent * Eigen::Quaterniond::FromTwoVectors(rest, parent.transpose() * bone).toRotationMatrix();
  }

  static void Add(std::string& row, const Vector3d& values, int digits) {
    char text[40];
    for (const double value : values) {
      std::snprintf(text, sizeof text, "%.*f ", digits, value);
      row += text;
    }
  }

  std::array<Matrix3d, kNodeCount> world_;
  std::array<Vector3d, kNodeCount> angles_;
};

std::string Vector(const Vector3d& v) {
  char text[96];
  std::snprintf(text, sizeof text, "%.6f %.6f %.6f", v.x(), v.y(), v.z());
  return text;
}

/// A joint with all below it.
void AddNode(int n, int depth, const Lengths& lengths, std::string& text) {
  const Node& node = kNodes[n];
  const std::string indent(static_cast<size_t>(2 * depth), ' ');
  const double length = node.joint <= 0 ? 0 : lengths[BoneTo(node.joint)];
  const Vector3d offset = length * RestDirection(node);
  text += Concat(indent, node.parent < 0 ? "ROOT " : "JOINT ", node.name, "\n", indent, "{\n", indent,
                 "  OFFSET ", Vector(offset), "\n", indent, "  CHANNELS ",
                 node.parent < 0 ? "6 Xposition Yposition Zposition" : "3");
  for (const int axis : node.order) text += Concat(" ", "XYZ"[axis], "rotation");
  text += "\n";
  for (int child = n + 1; child < kNodeCount; ++child) {
    if (kNodes[child].parent == n) AddNode(child, depth + 1, lengths, text);
  }
  if (node.turn == Turn::kNone) {
    text += Concat(indent, "  End Site\n", indent, "  {\n", indent, "    OFFSET ", Vector(kTipShare * offset),
                   "\n", indent, "  }\n");
  }
  text += indent + "}\n";
}

}  // namespace

std::string BvhText(const LiftedTrack& track, int64_t frames, double fps) {
  if (track.poses.empty())
    throw Error("expected at least one pose in the track '", track.name, "', found none");
  std::string text = "HIERARCHY\n";
  AddNode(0, 0, MedianLengths(track), text);
  char time[32];
  std::snprintf(time, sizeof time, "%.8f", 1 / fps);
  text += Concat("MOTION\nFrames: ", frames, "\nFrame Time: ", time, "\n");
  Motion motion;
  std::string row = motion.Row(ToBvh(track.poses[0]));
  size_t next = 0;
  for (int64_t frame = 0; frame < frames; ++frame) {
    if (next < track.frames.size() && track.frames[next] == frame)
      row = motion.Row(ToBvh(track.poses[next++]));
    text += row;
  }
  return text;
}

}  // namespace links
