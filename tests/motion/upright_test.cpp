#include "links/motion/upright.h"

#include <gmock/gmock.h>

#include <Eigen/Geometry>
#include <cmath>
#include <numbers>

#include "links/core/random.h"

namespace links {
namespace {

using Eigen::AngleAxisd;
using Eigen::Matrix3d;
using Eigen::Vector3d;

constexpr double kDegree = std::numbers::pi / 180;

/// A standing person, y down, turned by `turn`; knees bent by `knees` and the trunk by `lean` radians.
MovingPose Standing(const Matrix3d& turn = Matrix3d::Identity(), double knees = 0, double lean = 0) {
  std::array<Vector3d, kJoints> at;
  at[kHip] = {0, 0, 0};
  for (const double side : {1., -1.}) {
    const int hip = side > 0 ? kLHip : kRHip, shoulder = side > 0 ? kLShoulder : kRShoulder;
    at[hip] = {side * .15, 0, 0};
    at[hip + 1] = at[hip] + .7 * Vector3d(0, std::cos(knees / 2), -std::sin(knees / 2));
    at[hip + 2] = at[hip + 1] + .7 * Vector3d(0, std::cos(knees / 2), std::sin(knees / 2));
    for (int k = 0; k < 3; ++k) at[shoulder + k] = {side * (.25 + .4 * k), -.8, 0};
  }
  const Vector3d trunk(0, -std::cos(lean), -std::sin(lean));
  at[kSpine] = .4 * trunk;
  at[kThorax] = .8 * trunk;
  at[kHead] = .95 * trunk;
  at[kHeadTop] = 1.1 * trunk;
  MovingPose pose;
  pose.seen.set();
  pose.scale_px = 100;
  for (int joint = 0; joint < kJoints; ++joint) {
    for (int k = 0; k < 3; ++k) pose.joints[3 * joint + k] = static_cast<float>((turn * at[joint])[k]);
  }
  return pose;
}

TEST(Upright, WhoStandsSaysWhatIsUp) {
  const auto up = UpOf(Standing());
  ASSERT_TRUE(up);
  EXPECT_NEAR(up->y(), -1, 1e-6);
  EXPECT_FALSE(UpOf(Standing(Matrix3d::Identity(), .6)));
  EXPECT_FALSE(UpOf(Standing(Matrix3d::Identity(), 0, .4)));
  MovingPose one_leg = Standing(), bent = Standing(Matrix3d::Identity(), 2);
  for (int i = 3 * kRKnee; i < 3 * kLHip; ++i) one_leg.joints[i] = bent.joints[i];
  EXPECT_NEAR(UpOf(one_leg).value().y(), -1, .01);
  MovingPose guessed = Standing();
  guessed.seen[kLAnkle] = false;
  EXPECT_FALSE(UpOf(guessed));
}

TEST(Upright, GravityIsFoundAmongThoseWhoLean) {
  // A camera that looks down by 20 degrees and is turned clockwise by 7.
  const Matrix3d camera =
      (AngleAxisd(-7 * kDegree, Vector3d::UnitZ()) * AngleAxisd(20 * kDegree, Vector3d::UnitX()))
          .toRotationMatrix();
  Random random(1);
  std::vector<Eigen::Vector3f> ups;
  for (int i = 0; i < 300; ++i) {
    const double off = i % 5 == 0 ? 40 : 4;  // a fifth is anything but upright, all to one side
    const Matrix3d lean =
        (AngleAxisd((i % 5 == 0 ? off : random.Normal(0, off)) * kDegree, Vector3d::UnitZ()) *
         AngleAxisd(random.Normal(0, off / 2) * kDegree, Vector3d::UnitX()))
            .toRotationMatrix();
    const auto up = UpOf(Standing(camera * lean));
    ASSERT_TRUE(up);
    ups.emplace_back(up->cast<float>());
  }
  const Gravity gravity = Gravity::Of(ups);
  EXPECT_NEAR(gravity.pitch_degrees, 20, 2);
  EXPECT_NEAR(gravity.roll_degrees, 7, 2.5);
  EXPECT_GT(gravity.spread_degrees, 2);
  EXPECT_LT(gravity.spread_degrees, 8);
}

TEST(Upright, LevelAxesUndoTheCamerasTurn) {
  const Matrix3d camera =
      (AngleAxisd(-7 * kDegree, Vector3d::UnitZ()) * AngleAxisd(20 * kDegree, Vector3d::UnitX()))
          .toRotationMatrix();
  MovingPose pose = Standing(camera);
  const Gravity gravity = Gravity::Of({UpOf(pose)->cast<float>()});
  EXPECT_NEAR(gravity.pitch_degrees, 20, 1e-3);
  EXPECT_NEAR(gravity.roll_degrees, 7, 1e-3);
  const Matrix3d level = gravity.Level();
  EXPECT_NEAR((level * level.transpose() - Matrix3d::Identity()).norm(), 0, 1e-9);
  EXPECT_NEAR(level.determinant(), 1, 1e-9);
  EXPECT_NEAR((level * Vector3d::UnitZ()).x(), 0, 1e-9);  // what was ahead stays ahead
  Turn(level, pose);
  EXPECT_NEAR((*UpOf(pose) - Vector3d(0, -1, 0)).norm(), 0, 1e-5);
  EXPECT_NEAR(LowestAnkle(pose), 1.4, 1e-4);
  Gravity down;  // straight from above
  down.up = {0, 0, -1};
  EXPECT_NEAR(down.Level().determinant(), 1, 1e-9);
}

TEST(Upright, TheRootIsWhereItsPixelAndSizePutIt) {
  const Pinhole camera = {1000, {960, 540}};
  MovingPose pose = Standing();
  pose.root_px = {1460, 290};
  const Vector3d root = RootInCamera(camera, pose);
  EXPECT_NEAR(root.z(), 10, 1e-9);  // 100 px a unit at a focal length of 1000
  EXPECT_NEAR(camera.focal_px * root.x() / root.z() + 960, 1460, 1e-9);
  EXPECT_NEAR(camera.focal_px * root.y() / root.z() + 540, 290, 1e-9);
  const Vector3d ahead = TurnToCamera(camera, pose.root_px) * Vector3d::UnitZ();
  EXPECT_NEAR((ahead - root.normalized()).norm(), 0, 1e-9);
  EXPECT_NEAR((TurnToCamera(camera, {960, 540}) - Matrix3d::Identity()).norm(), 0, 1e-9);
}

}  // namespace
}  // namespace links
