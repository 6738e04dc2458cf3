#include "links/data/virtual_camera.h"

#include <gtest/gtest.h>

#include <Eigen/LU>

namespace links {
namespace {

TEST(VirtualCamera, LooksAtItsTargetUpright) {
  // From 5 m along x towards the origin at its own height: forward = -x, right = +y, down = -z.
  const VirtualCamera camera = LookAt({5000, 0, 1500}, {0, 0, 1500});
  const Eigen::Vector3d point = camera.ToCamera({1000, 200, 1800});
  EXPECT_NEAR(point.x(), 200, 1e-9);
  EXPECT_NEAR(point.y(), -300, 1e-9);
  EXPECT_NEAR(point.z(), 4000, 1e-9);
  const Eigen::Vector2d pixel = camera.Project(point);
  EXPECT_NEAR(pixel.x(), 500 + 1145 * 200 / 4000., 1e-9);
  EXPECT_NEAR(pixel.y(), 500 - 1145 * 300 / 4000., 1e-9);
}

TEST(VirtualCamera, RandomCamerasAreLikeHuman36ms) {
  Random random(3);
  const Eigen::Vector3d target(700, -4000, 900);
  double lowest = 9, highest = -9;
  for (int i = 0; i < 2000; ++i) {
    const VirtualCamera camera = RandomCamera(target, random);
    const Eigen::Vector3d away = camera.position_mm - target;
    EXPECT_GE(away.head<2>().norm(), 4000);
    EXPECT_LE(away.head<2>().norm(), 6000);
    EXPECT_GE(camera.position_mm.z(), 1400);
    EXPECT_LE(camera.position_mm.z(), 1700);
    const Eigen::Vector3d seen = camera.ToCamera(target);
    EXPECT_NEAR(seen.head<2>().norm(), 0, 1e-6);
    EXPECT_NEAR(seen.z(), away.norm(), 1e-6);
    EXPECT_NEAR(camera.cam_from_world.determinant(), 1, 1e-9);
    EXPECT_TRUE((camera.cam_from_world * camera.cam_from_world.transpose()).isIdentity(1e-9));
    EXPECT_NEAR(camera.cam_from_world(0, 2), 0, 1e-12) << "the horizon is level";
    EXPECT_LT(camera.cam_from_world(1, 2), -0.9) << "up in the world is up in the image";
    const double azimuth = std::atan2(away.y(), away.x());
    lowest = std::min(lowest, azimuth);
    highest = std::max(highest, azimuth);
  }
  EXPECT_LT(lowest, -3.1);
  EXPECT_GT(highest, 3.1);
}

TEST(VirtualCamera, AViewHoldsPixelsAndCameraFrameOfTheSameJoints) {
  WorldPose pose;
  for (int joint = 0; joint < kJoints; ++joint)
    pose[joint] = {30.0 * joint, 100 - 20.0 * joint, 900 + 40.0 * joint};
  Random random(1);
  PoseData out;
  AppendView(pose, random, out);
  AppendView(pose, random, out);
  ASSERT_EQ(out.size(), 2);
  ASSERT_EQ(out.joints_3d.size(), 102u);
  for (size_t i = 0; i < 34; ++i) {
    const float* joint = &out.joints_3d[3 * i];
    EXPECT_NEAR(out.keypoints_2d[2 * i], 500 + 1145 * joint[0] / joint[2], 1e-3);
    EXPECT_NEAR(out.keypoints_2d[2 * i + 1], 500 + 1145 * joint[1] / joint[2], 1e-3);
  }
  const auto distance = [&](int view, int a, int b) {
    const Eigen::Map<const Eigen::Matrix<float, 3, kJoints>> joints(&out.joints_3d[51 * view]);
    return (joints.col(a) - joints.col(b)).norm();
  };
  EXPECT_NEAR(distance(0, 0, 16), (pose[0] - pose[16]).norm(), 1e-2);
  EXPECT_NEAR(distance(1, 3, 9), (pose[3] - pose[9]).norm(), 1e-2);
  EXPECT_NE(out.joints_3d[2], out.joints_3d[53]) << "each view has a camera of its own";
}

TEST(Random, HasTheMomentsItPromises) {
  Random random(5);
  double sum = 0, squares = 0, low = 1, high = 0;
  const int count = 100'000;
  for (int i = 0; i < count; ++i) {
    const double normal = random.Normal(2, 3), uniform = random.Uniform(0, 1);
    sum += normal;
    squares += normal * normal;
    low = std::min(low, uniform);
    high = std::max(high, uniform);
  }
  const double mean = sum / count;
  EXPECT_NEAR(mean, 2, 0.04);
  EXPECT_NEAR(squares / count - mean * mean, 9, 0.15);
  EXPECT_GE(low, 0);
  EXPECT_LT(low, 1e-3);
  EXPECT_LT(high, 1);
  EXPECT_GT(high, 0.999);
}

TEST(Random, IsTheStandardEngine) {
  std::mt19937_64 engine(42);
  Random random(42);
  EXPECT_EQ(random.Uniform(0, 1), static_cast<double>(engine() >> 11) / 9007199254740992.0);
}

}  // namespace
}  // namespace links
