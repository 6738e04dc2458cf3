#include "links/motion/rigid_bones.h"

#include <Eigen/Cholesky>
#include <Eigen/Geometry>
#include <algorithm>
#include <array>
#include <cmath>

#include "links/motion/rays.h"

namespace links {
namespace {

using Eigen::Vector3d;
using Joints = std::array<Vector3d, kJoints>;
using Lengths = std::array<double, kBones>;  // of kBoneList

constexpr int kRows = 3 * (kJoints - 1), kColumns = 2 * kBones;
constexpr int kSteps = 20;
constexpr double kEnough = 1e-6;  // share by which a step must make the cost less to go on
constexpr double kTiny = 1e-9;

using Residuals = Eigen::Matrix<double, kRows, 1>;
using Jacobian = Eigen::Matrix<double, kRows, kColumns>;
using Square = Eigen::Matrix<double, kColumns, kColumns>;
using Step = Eigen::Matrix<double, kColumns, 1>;
using Tangents = Eigen::Matrix<double, 3, 2>;

Vector3d At(const MovingPose& pose, int joint) {
  return {pose.joints[3 * joint], pose.joints[3 * joint + 1], pose.joints[3 * joint + 2]};
}

int OtherSide(int bone) {
  for (int other = 0; other < kBones; ++other) {
    if (kBoneList[other].child == kOtherSide[kBoneList[bone].child]) return other;
  }
  return bone;
}

Lengths MedianLengths(const std::vector<MovingPose>& poses) {
  Lengths lengths;
  for (int bone = 0; bone < kBones; ++bone) {
    std::vector<float> seen, all;
    for (const MovingPose& pose : poses) {
      for (const int side : {bone, OtherSide(bone)}) {
        const auto [parent, child] = kBoneList[side];
        const auto length = static_cast<float>((At(pose, child) - At(pose, parent)).norm());
        all.push_back(length);
        if (pose.seen[parent] && pose.seen[child]) seen.push_back(length);
        if (side == OtherSide(bone) && side == bone) break;
      }
    }
    std::vector<float>& values = seen.empty() ? all : seen;
    const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    lengths[bone] = *middle;
  }
  return lengths;
}

/// A pose of given bone lengths, near to another.
class RigidPose {
 public:
  RigidPose(const MovingPose& goal, const Lengths& lengths) : goal_(goal), lengths_(lengths) {
    for (int bone = 0; bone < kBones; ++bone) {
      const auto [parent, child] = kBoneList[bone];
      const Vector3d along = At(goal, child) - At(goal, parent);
      directions_[bone] = along.norm() > kTiny ? Vector3d(along.normalized()) : Vector3d::UnitY();
    }
    for (int joint = 0; joint < kJoints; ++joint) {
      const std::array<double, 2> place = PlaceInImage(goal, joint);
      for (int k = 0; k < 2; ++k) rays_[joint][k] = ToUnits(place[k] - goal.root_px[k], goal.scale_px);
    }
  }

  Joints Solve() {
    double damping = 1e-3;
    Residuals residuals = Off(directions_);
    double cost = residuals.squaredNorm();
    for (int step = 0; step < kSteps; ++step) {
      std::array<Tangents, kBones> tangents;
      for (int bone = 0; bone < kBones; ++bone) {
        tangents[bone].col(0) = directions_[bone].unitOrthogonal();
        tangents[bone].col(1) = directions_[bone].cross(tangents[bone].col(0));
      }
      const Jacobian jacobian = Slopes(tangents);
      Square square = jacobian.transpose() * jacobian;
      square.diagonal() *= 1 + damping;
      square.diagonal().array() += kTiny;
      const Step change = square.ldlt().solve(-(jacobian.transpose() * residuals));
      std::array<Vector3d, kBones> turned;
      for (int bone = 0; bone < kBones; ++bone)
        turned[bone] = (directions_[bone] + tangents[bone] * change.segment<2>(2 * bone)).normalized();
      const Residuals then = Off(turned);
      const double less = cost - then.squaredNorm();
      if (!(less > 0)) {
        damping *= 10;
        continue;
      }
      directions_ = turned;
      residuals = then;
      cost -= less;
      damping /= 10;
      if (less < kEnough * cost + kTiny) break;
    }
    return Place(directions_);
  }

 private:
  Joints Place(const std::array<Vector3d, kBones>& directions) const {
    Joints joints;
    joints[kRoot] = Vector3d::Zero();
    for (int bone = 0; bone < kBones; ++bone) {
      const auto [parent, child] = kBoneList[bone];
      joints[child] = joints[parent] + lengths_[bone] * directions[bone];
    }
    return joints;
  }

  /// Three of each joint: across its ray and in depth, or where it was guessed from its place.
  Residuals Off(const std::array<Vector3d, kBones>& directions) const {
    const Joints joints = Place(directions);
    Residuals off;
    for (int joint = 1; joint < kJoints; ++joint) {
      auto rows = off.segment<3>(3 * (joint - 1));
      const Vector3d& at = joints[joint];
      if (goal_.seen[joint]) {
        for (int k = 0; k < 2; ++k)
          rows[k] = (at[k] - rays_[joint][k] * (at[2] + kRootDepth)) / kRayDeviation;
        rows[2] = (at[2] - goal_.joints[3 * joint + 2]) / kDepthDeviation;
      } else {
        rows = (at - At(goal_, joint)) / kGuessDeviation;
      }
    }
    return off;
  }

  Jacobian Slopes(const std::array<Tangents, kBones>& tangents) const {
    Jacobian slopes = Jacobian::Zero();
    for (int joint = 1; joint < kJoints; ++joint) {
      Eigen::Matrix3d by_place;
      if (goal_.seen[joint]) {
        by_place << 1, 0, -rays_[joint][0], 0, 1, -rays_[joint][1], 0, 0, kRayDeviation / kDepthDeviation;
        by_place /= kRayDeviation;
      } else {
        by_place = Eigen::Matrix3d::Identity() / kGuessDeviation;
      }
      // Every bone on the way to the root.
      for (int at = joint; at != kRoot;) {
        const int bone = BoneTo(at);
        slopes.block<3, 2>(3 * (joint - 1), 2 * bone) = lengths_[bone] * by_place * tangents[bone];
        at = kBoneList[bone].parent;
      }
    }
    return slopes;
  }

  static int BoneTo(int joint) {
    int bone = 0;
    while (kBoneList[bone].child != joint) ++bone;
    return bone;
  }

  const MovingPose& goal_;
  const Lengths& lengths_;
  std::array<Vector3d, kBones> directions_;
  std::array<std::array<double, 2>, kJoints> rays_;  // (x, y) / z
};

}  // namespace

void MakeRigid(std::vector<MovingPose>& poses) {
  if (poses.empty()) return;
  const Lengths lengths = MedianLengths(poses);
  for (MovingPose& pose : poses) {
    const Joints joints = RigidPose(pose, lengths).Solve();
    for (int joint = 0; joint < kJoints; ++joint) {
      for (int k = 0; k < 3; ++k) pose.joints[3 * joint + k] = static_cast<float>(joints[joint][k]);
    }
  }
}

void RigidCost::Add(const MovingPose& pose) {
  MovingPose projected = pose;
  projected.seen.reset();
  for (int joint = 1; joint < kJoints; ++joint) {
    if (!pose.seen[joint]) continue;
    const auto [x, y] = PlaceInImage(projected, joint);
    const double px = std::hypot(x - pose.px[2 * joint], y - pose.px[2 * joint + 1]);
    ++joints;
    left += px > kLeft;
    sum_px += px;
  }
}

}  // namespace links
