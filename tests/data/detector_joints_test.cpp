#include "links/data/detector_joints.h"

#include <gtest/gtest.h>

#include <Eigen/Geometry>
#include <cmath>
#include <numbers>

#include "links/data/bvh.h"
#include "support/temporary_folder.h"
#include "tiny_bvh.h"

namespace links {
namespace {

using Eigen::Vector3d;

/// Someone who faces +x, upright: hips 200 apart, legs of 800, shoulders at 1400, head from 1520 to 1620.
WorldPose Standing() {
  WorldPose pose;
  pose.fill(Vector3d::Zero());
  pose[kHip] = {0, 0, 900};
  pose[kSpine] = {-30, 0, 1150};
  pose[kThorax] = {-20, 0, 1420};
  pose[kHead] = {0, 0, 1520};
  pose[kHeadTop] = {0, 0, 1620};
  for (const int side : {0, 1}) {
    const double y = side == 0 ? 1 : -1;  // left, right
    const int hip = side == 0 ? kLHip : kRHip, shoulder = side == 0 ? kLShoulder : kRShoulder;
    for (int k = 0; k < 3; ++k) pose[hip + k] = {0, 100 * y, 900 - 400. * k};
    for (int k = 0; k < 3; ++k) pose[shoulder + k] = {0, 180 * y + 280 * k * y, 1400};
  }
  return pose;
}

TEST(DetectorJoints, LieWhereDetectorsPutThem) {
  const WorldPose mocap = Standing();
  const WorldPose pose = DetectorJoints(mocap, FaceLengths::Of({mocap}), Vector3d::UnitX());
  const auto expect = [&](int joint, const Vector3d& place) {
    EXPECT_NEAR((pose[joint] - place).norm(), 0, 1e-9)
        << kJointNames[joint] << " " << pose[joint].transpose();
  };
  // By hand: a leg is 800, mid-shoulders are at 1400.
  expect(kHead, {.132 * 800, 0, 1400 + .262 * 800});  // the nose
  expect(kHeadTop, {.1 * 800, 0, 1400 + .3 * 800});   // between the eyes
  expect(kLHip, {0, 120, 900});
  expect(kRHip, {0, -120, 900});
  expect(kHip, {0, 0, 900});
  expect(kThorax, {0, 0, 1400});
  expect(kSpine, {0, 0, 1150});
  for (const int joint :
       {kRKnee, kRAnkle, kLKnee, kLAnkle, kLShoulder, kLElbow, kLWrist, kRShoulder, kRElbow, kRWrist})
    expect(joint, mocap[joint]);
}

TEST(DetectorJoints, DoNotDependOnWhereAFileHasItsHead) {
  WorldPose low = Standing(), high = Standing();
  low[kHead].z() = 1500;
  low[kHeadTop].z() = 1590;
  high[kHead].z() = 1560;
  high[kHeadTop].z() = 1740;
  const WorldPose a = DetectorJoints(low, FaceLengths::Of({low}), Vector3d::UnitX()),
                  b = DetectorJoints(high, FaceLengths::Of({high}), Vector3d::UnitX());
  EXPECT_NEAR((a[kHead] - b[kHead]).norm(), 0, 1e-9);
  EXPECT_NEAR((a[kHeadTop] - b[kHeadTop]).norm(), 0, 1e-9);
}

class HeadOfAClip : public testing::Test {
 protected:
  /// Two frames, in which the head is turned to the left and to the right by `degrees`; where it stands in
  /// the file's own frame is turned by `twist` in both.
  std::vector<WorldPose> Turned(double degrees, double twist) const {
    // Head is the third joint of the tiny skeleton behind the legs and the belly: channels Z, X, Y.
    constexpr int kBeforeHead = 6 + 7 * 3;
    std::string motion = "Frames: 2\nFrame Time: 0.05\n";
    for (const double sign : {1., -1.}) {
      motion += Zeros(kBeforeHead).substr(1) + " 0 0 " + std::to_string(twist + sign * degrees) +
                Zeros(kTinyChannels - kBeforeHead - 3) + "\n";
    }
    return MapDetectorJoints(ParseBvh(TinyBvh(motion), "tiny.bvh"),
                             ReadJointMap(folder_.Write("t.yaml", kTinyMap)));
  }

  /// Of the nose against the head's axis, to the left of ahead, degrees. The tiny person faces the file's z,
  /// which is the world's x; left is y.
  static double Turn(const WorldPose& pose) {
    const Vector3d face = (pose[kHead] + pose[kHeadTop]) / 2;
    return std::atan2(face.y(), face.x()) * 180 / std::numbers::pi;
  }

  TemporaryFolder folder_;
};

TEST_F(HeadOfAClip, LooksWhereItTurns) {
  const std::vector<WorldPose> poses = Turned(40, 0);
  EXPECT_NEAR(Turn(poses[0]), 40, 1e-6);
  EXPECT_NEAR(Turn(poses[1]), -40, 1e-6);
}

TEST_F(HeadOfAClip, IsAheadOfTheShouldersOnAverageWhateverItsFrame) {
  const std::vector<WorldPose> poses = Turned(40, 90);
  EXPECT_NEAR(Turn(poses[0]), 40, 1e-6);
  EXPECT_NEAR(Turn(poses[1]), -40, 1e-6);
}

}  // namespace
}  // namespace links
