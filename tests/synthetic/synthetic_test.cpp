#include "links/synthetic/synthetic.h"

#include <gmock/gmock.h>

#include <Eigen/Geometry>
#include <map>
#include <set>

#include "links/data/summary.h"
#include "links/skeleton/skeleton.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using Joints = Eigen::Matrix<double, 3, kJoints>;

const PoseData& Poses() {
  static const PoseData poses = Synthesize({.poses = 6000, .seed = 11});
  return poses;
}

/// Joints of a pose in the camera frame, root-centred.
Joints Joints3d(const PoseData& poses, int64_t i) {
  const Eigen::Map<const Eigen::Matrix<float, 3, kJoints>> joints(&poses.joints_3d[51 * i]);
  return (joints.colwise() - joints.col(kRoot)).cast<double>();
}

/// Mean joint distance after the best rigid motion and scale, without reflection.
double AlignedError(const Joints& pose, const Joints& truth) {
  const Eigen::Matrix4d motion = Eigen::umeyama(pose, truth, true);
  const Joints aligned = (motion.topLeftCorner<3, 3>() * pose).colwise() + motion.topRightCorner<3, 1>();
  return (aligned - truth).colwise().norm().mean();
}

TEST(Synthesize, TheSameSeedGivesTheSamePoses) {
  const PoseData a = Synthesize({.poses = 700, .seed = 4}), b = Synthesize({.poses = 700, .seed = 4});
  EXPECT_EQ(a.keypoints_2d, b.keypoints_2d);
  EXPECT_EQ(a.joints_3d, b.joints_3d);
  EXPECT_EQ(a.action, b.action);
  EXPECT_NE(Synthesize({.poses = 700, .seed = 5}).joints_3d, a.joints_3d);
  EXPECT_THROW(Synthesize({.poses = 0}), UsageError);
}

TEST(Synthesize, GivesValidPosesOfEverySubjectAndAction) {
  EXPECT_NO_THROW(CheckPoses(Poses(), "synthetic"));
  EXPECT_EQ(Poses().size(), 6000);
  std::map<std::string, int> subjects;
  for (const std::string& subject : Poses().subject) ++subjects[subject];
  EXPECT_EQ(subjects.size(), 10u);
  for (const auto& [name, count] : subjects) EXPECT_EQ(count, 600) << name;
  EXPECT_EQ(std::set<std::string>(Poses().action.begin(), Poses().action.end()).size(), 13u);
  for (float pixel : Poses().keypoints_2d) {
    EXPECT_GT(pixel, 0);
    EXPECT_LT(pixel, 1000);
  }
}

TEST(Synthesize, ASmallSetStillHasEverySubject) {
  const PoseData poses = Synthesize({.poses = 103});
  EXPECT_EQ(poses.size(), 103);
  EXPECT_EQ(std::set<std::string>(poses.subject.begin(), poses.subject.end()).size(), 10u);
}

TEST(Synthesize, BonesAreConstantForASubjectAndSymmetric) {
  std::map<std::string, Eigen::ArrayXd> lengths;
  std::set<int> thighs;
  for (int64_t i = 0; i < Poses().size(); ++i) {
    const Joints joints = Joints3d(Poses(), i);
    Eigen::ArrayXd bones(kBones);
    for (int b = 0; b < kBones; ++b)
      bones[b] = (joints.col(kBoneList[b].parent) - joints.col(kBoneList[b].child)).norm();
    for (const auto& [right, left] : {std::pair{0, 3}, {1, 4}, {2, 5}, {10, 13}, {11, 14}, {12, 15}}) {
      EXPECT_NEAR(bones[left], bones[right], 0.02);
    }
    const auto [known, added] = lengths.try_emplace(Poses().subject[i], bones);
    if (added) thighs.insert(static_cast<int>(bones[1]));
    EXPECT_LT((bones - known->second).abs().maxCoeff(), 0.02) << "pose " << i;
  }
  EXPECT_GE(thighs.size(), 8u) << "subjects differ in build";
}

TEST(Synthesize, KneesBendBackwardsElbowsForwardsAndTheTrunkIsOne) {
  int knees_ahead = 0, elbows_forward = 0, elbows = 0, same_half_space = 0;
  for (int64_t i = 0; i < Poses().size(); ++i) {
    const Joints j = Joints3d(Poses(), i);
    const auto joint = [&](int index) -> Eigen::Vector3d { return j.col(index); };
    const Eigen::Vector3d trunk = joint(kThorax) - joint(kRoot);
    const Eigen::Vector3d forward = (joint(kLHip) - joint(kRHip)).cross(trunk);
    same_half_space += forward.dot((joint(kLShoulder) - joint(kRShoulder)).cross(trunk)) > 0;
    for (int hip : {kLHip, kRHip}) {
      const Eigen::Vector3d line = (joint(hip + 2) - joint(hip)).normalized(),
                            knee = joint(hip + 1) - joint(hip);
      knees_ahead += (knee - knee.dot(line) * line).dot(forward) > 0;
    }
    for (int shoulder : {kLShoulder, kRShoulder}) {
      // With the upper arm hanging down, a bent forearm points ahead of it.
      const Eigen::Vector3d upper = joint(shoulder + 1) - joint(shoulder),
                            fore = joint(shoulder + 2) - joint(shoulder + 1);
      if (upper.normalized().dot(trunk.normalized()) > -0.9) continue;
      ++elbows;
      elbows_forward +=
          fore.normalized().dot(forward.normalized()) > upper.normalized().dot(forward.normalized());
    }
  }
  EXPECT_GT(knees_ahead, 2 * Poses().size() * 97 / 100);
  EXPECT_GT(same_half_space, Poses().size() * 99 / 100);
  EXPECT_GT(elbows, 500);
  EXPECT_GT(elbows_forward, elbows * 95 / 100);
}

TEST(Synthesize, IsDiverseEnoughToLearnDepthFrom) {
  Joints mean = Joints::Zero();
  for (int64_t i = 0; i < Poses().size(); ++i)
    mean += Joints3d(Poses(), i) / static_cast<double>(Poses().size());
  double flat_error = 0, mean_error = 0;
  Eigen::Array<double, kJoints, 1> in_front = Eigen::Array<double, kJoints, 1>::Zero();
  for (int64_t i = 0; i < Poses().size(); ++i) {
    const Joints truth = Joints3d(Poses(), i);
    Joints flat = truth;
    flat.row(2).setZero();
    flat_error += AlignedError(flat, truth);
    mean_error += AlignedError(mean, truth);
    for (int joint = 1; joint < kJoints; ++joint) in_front[joint] += truth(2, joint) < 0;
  }
  EXPECT_GT(flat_error / static_cast<double>(Poses().size()), 60);
  EXPECT_GT(mean_error / static_cast<double>(Poses().size()), 120);
  for (int joint : {kLKnee, kRKnee, kLWrist, kRWrist, kLElbow, kRElbow}) {
    EXPECT_GT(in_front[joint], 0.25 * Poses().size()) << kJointNames[joint];
    EXPECT_LT(in_front[joint], 0.75 * Poses().size()) << kJointNames[joint];
  }
}

TEST(Synthesize, MovesSmoothly) {
  // Shape changes of the legs between neighbouring frames, free of the cameras: hip-ankle distances.
  double largest = 0;
  for (int64_t i = 1; i < Poses().size(); ++i) {
    if (Poses().frame[i] != Poses().frame[i - 1] + 1) continue;
    const Joints before = Joints3d(Poses(), i - 1), now = Joints3d(Poses(), i);
    for (int hip : {kLHip, kRHip}) {
      const double change =
          (now.col(hip + 2) - now.col(hip)).norm() - (before.col(hip + 2) - before.col(hip)).norm();
      largest = std::max(largest, std::abs(change));
    }
  }
  EXPECT_GT(largest, 20);
  EXPECT_LT(largest, 600) << "mm in a tenth of a second";
}

TEST(DescribePoses, CountsAndMeasures) {
  PoseData poses;
  poses.keypoints_2d.assign(2 * 34, 10);
  poses.keypoints_2d[20] = 40;       // the head top of the first pose, 30 px beside its root,
  poses.keypoints_2d[34 + 21] = 20;  // of the second 10 px below
  poses.joints_3d.assign(2 * 51, 1000);
  poses.joints_3d[3] = 1100;  // RHip of the first pose 100 mm beside the root: mean 50
  poses.action = {"run", "run"};
  poses.frame = {7, 3};
  const std::string text = DescribePoses(poses);
  const auto has = [&](const std::string& label, const std::string& value) {
    return testing::Matches(testing::ContainsRegex(label + " +" + value + "\n"))(text);
  };
  EXPECT_TRUE(has("poses", "2")) << text;
  EXPECT_TRUE(has("subjects", "not in the file")) << text;
  EXPECT_TRUE(has("actions", "1")) << text;
  EXPECT_TRUE(has("  run", "2")) << text;
  EXPECT_TRUE(has("frames", "3 to 7")) << text;
  EXPECT_TRUE(has("2D x px", "10.0 to 40.0")) << text;
  EXPECT_TRUE(has("mean head-root px", "20.0")) << text;
  EXPECT_TRUE(has("Hip-RHip", "50.0")) << text;
  EXPECT_TRUE(has("licence", "not stated")) << text;
}

}  // namespace
}  // namespace links
