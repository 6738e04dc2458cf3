#include "links/data/camera_distribution.h"

#include <gmock/gmock.h>

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <cmath>
#include <numbers>

#include "support/temporary_folder.h"

namespace links {
namespace {

using Eigen::Vector3d;
using testing::HasSubstr;

constexpr double kDegrees = 180 / std::numbers::pi;
const Vector3d kTarget(700, -4000, 900);

TEST(CameraPlacement, SeesAlongItsLineOfSight) {
  CameraPlacement placement;
  placement.azimuth_rad = 0;  // the camera stands at larger x and looks along -x: right is +y
  placement.distance_mm = 4000;
  placement.pitch_rad = std::atan(.75);  // 3000 above: 5000 away, cosine 0.8, sine 0.6
  placement.px_per_metre = 200;
  const VirtualCamera camera = placement.At(kTarget);
  EXPECT_NEAR((camera.position_mm - (kTarget + Vector3d(4000, 0, 3000))).norm(), 0, 1e-9);
  EXPECT_NEAR((camera.ToCamera(kTarget) - Vector3d(0, 0, 5000)).norm(), 0, 1e-9);
  // 100 up in the world is 80 up in the image and 60 nearer.
  EXPECT_NEAR((camera.ToCamera(kTarget + Vector3d(0, 0, 100)) - Vector3d(0, -80, 4940)).norm(), 0, 1e-9);
  // A metre beside the target is 200 px beside the middle.
  const Eigen::Vector2d pixel = camera.Project(camera.ToCamera(kTarget + Vector3d(0, 1000, 0)));
  EXPECT_NEAR(pixel.x(), 700, 1e-9);
  EXPECT_NEAR(pixel.y(), 500, 1e-9);
}

TEST(CameraPlacement, RollsClockwise) {
  CameraPlacement placement;
  placement.distance_mm = 4000;
  placement.focal_px = 1000;
  placement.roll_rad = 30 / kDegrees;
  // The camera turns clockwise, so what is upright leans to the left.
  const Vector3d up = placement.At(kTarget).cam_from_world * Vector3d::UnitZ();
  EXPECT_NEAR((up - Vector3d(-.5, -std::sqrt(3) / 2, 0)).norm(), 0, 1e-9);
}

TEST(CameraPlacement, TurnsAwayFromThePerson) {
  CameraPlacement placement;
  placement.distance_mm = 5000;
  placement.focal_px = 1000;
  placement.right_rad = 10 / kDegrees;  // the axis passes on the right: the person is on the left
  Eigen::Vector2d pixel = placement.At(kTarget).Project(placement.At(kTarget).ToCamera(kTarget));
  EXPECT_NEAR(pixel.x(), 500 - 1000 * std::tan(10 / kDegrees), 1e-6);
  EXPECT_NEAR(pixel.y(), 500, 1e-6);
  placement.right_rad = 0;
  placement.up_rad = 5 / kDegrees;  // above: the person is below the middle, where y is larger
  pixel = placement.At(kTarget).Project(placement.At(kTarget).ToCamera(kTarget));
  EXPECT_NEAR(pixel.x(), 500, 1e-6);
  EXPECT_NEAR(pixel.y(), 500 + 1000 * std::tan(5 / kDegrees), 1e-6);
}

TEST(CameraPlacement, TwoCamerasDifferByARotation) {
  const CameraDistribution wild = CameraDistribution::Named("wild");
  Random random(2);
  const VirtualCamera a = wild.Draw(random).At(kTarget), b = wild.Draw(random).At(kTarget);
  const Eigen::Matrix3d b_from_a = b.cam_from_world * a.cam_from_world.transpose();
  EXPECT_GT(Eigen::AngleAxisd(b_from_a).angle(), .1);
  for (const Vector3d& offset : {Vector3d(100, 0, 0), Vector3d(0, -300, 50), Vector3d(20, 40, 800)}) {
    const Vector3d in_a = a.ToCamera(kTarget + offset) - a.ToCamera(kTarget),
                   in_b = b.ToCamera(kTarget + offset) - b.ToCamera(kTarget);
    EXPECT_NEAR((b_from_a * in_a - in_b).norm(), 0, 1e-9);
  }
}

TEST(CameraDistribution, WildCamerasAreDistributedAsDocumented) {
  const CameraDistribution wild = CameraDistribution::Named("wild");
  Random random(7);
  constexpr int kCameras = 20'000;
  Eigen::Array4d sum = Eigen::Array4d::Zero(), squares = sum;  // pitch, roll, off axis to the right, upwards
  double nearest = 1e9, farthest = 0;
  for (int i = 0; i < kCameras; ++i) {
    const VirtualCamera camera = wild.Draw(random).At(kTarget);
    EXPECT_TRUE((camera.cam_from_world * camera.cam_from_world.transpose()).isIdentity(1e-9));
    EXPECT_NEAR(camera.cam_from_world.determinant(), 1, 1e-9);
    const Vector3d sight = kTarget - camera.position_mm, seen = camera.ToCamera(kTarget);
    nearest = std::min(nearest, sight.head<2>().norm());
    farthest = std::max(farthest, sight.head<2>().norm());
    EXPECT_NEAR(camera.focal_px / sight.norm(), .229, 1e-9) << "a metre is 229 px";
    // Roll: between the world's up across the line of sight and the image's, once the target is centred.
    const Eigen::Matrix3d centred =
        Eigen::Quaterniond::FromTwoVectors(seen, Vector3d::UnitZ()).toRotationMatrix() *
        camera.cam_from_world;
    const Vector3d up = centred * Vector3d::UnitZ();
    const Eigen::Array4d angles(std::atan2(-sight.z(), sight.head<2>().norm()), std::atan2(-up.x(), -up.y()),
                                std::atan2(-seen.x(), seen.z()), std::atan2(seen.y(), seen.z()));
    sum += angles * kDegrees;
    squares += (angles * kDegrees).square();
  }
  const Eigen::Array4d mean = sum / kCameras, deviation = (squares / kCameras - mean.square()).sqrt();
  EXPECT_GE(nearest, 2500);
  EXPECT_LT(nearest, 2510);
  EXPECT_LE(farthest, 8000);
  EXPECT_GT(farthest, 7990);
  EXPECT_TRUE(((mean - Eigen::Array4d(15, 0, 0, 0)).abs() < .4).all()) << mean.transpose();
  EXPECT_TRUE(((deviation - Eigen::Array4d(12, 12, 5, 5)).abs() < .4).all()) << deviation.transpose();
}

TEST(CameraDistribution, Human36mIsTheDefault) {
  Random a(4), b(4);
  for (int i = 0; i < 100; ++i) {
    const VirtualCamera camera = CameraDistribution::Named("human36m").Draw(a).At(kTarget);
    const double azimuth = b.Uniform(-std::numbers::pi, std::numbers::pi), distance = b.Uniform(4000, 6000),
                 height = b.Uniform(1400, 1700);
    const VirtualCamera expected = LookAt(
        {kTarget.x() + distance * std::cos(azimuth), kTarget.y() + distance * std::sin(azimuth), height},
        kTarget);
    EXPECT_EQ(camera.position_mm, expected.position_mm);
    EXPECT_EQ(camera.cam_from_world, expected.cam_from_world);
    EXPECT_EQ(camera.focal_px, 1145);
  }
}

TEST(CameraDistribution, KnowsTwoByName) {
  EXPECT_THAT(MessageOf([] { CameraDistribution::Named("tame"); }),
              HasSubstr("expected the cameras human36m or wild, found 'tame'"));
  EXPECT_THAT(CameraDistribution::Named("wild").Text(), HasSubstr("pitch 15+-12 degrees"));
}

}  // namespace
}  // namespace links
