#include "links/import/human36m_camera.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <fstream>
#include <sstream>

#include "links/core/error.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

Human36mCamera Plain() {
  Human36mCamera camera;
  camera.name = "a";
  camera.rotation.setIdentity();
  camera.position.setZero();
  camera.focal = {1100, 1200};
  camera.centre = {500, 490};
  camera.radial = {0, 0, 0};
  camera.tangential = {0, 0};
  return camera;
}

TEST(Human36mCamera, WithoutDistortionItIsAPinhole) {
  const Eigen::Vector2d pixel = Plain().Project({400, -200, 4000});
  EXPECT_NEAR(pixel.x(), 500 + 110, 1e-9);
  EXPECT_NEAR(pixel.y(), 490 - 60, 1e-9);
}

TEST(Human36mCamera, RadialDistortionMovesAlongTheRay) {
  Human36mCamera camera = Plain();
  camera.focal = {1, 1};
  camera.centre = {0, 0};
  camera.radial = {-.2, .3, -.5};
  const double r = 0.5, expected = r - .2 * std::pow(r, 3) + .3 * std::pow(r, 5) - .5 * std::pow(r, 7);
  for (double angle = 0; angle < 6; angle += 0.7) {
    const Eigen::Vector2d out = camera.Project({2 * r * std::cos(angle), 2 * r * std::sin(angle), 2});
    EXPECT_NEAR(out.norm(), expected, 1e-12);
    EXPECT_NEAR(std::atan2(out.y(), out.x()), std::remainder(angle, 2 * M_PI), 1e-12);
  }
}

/// In complex numbers: z (1 + Re(z conj(q))) + q |z|^2 with q = p1 + i p0.
TEST(Human36mCamera, TangentialDistortionTakesTheFirstNumberWithY) {
  Human36mCamera camera = Plain();
  camera.focal = {1, 1};
  camera.centre = {0, 0};
  camera.tangential = {0.003, -0.007};
  const std::complex<double> q(-0.007, 0.003);
  for (const std::complex<double> z : {std::complex(.3, .1), std::complex(-.2, .4), std::complex(0., -.5)}) {
    const std::complex<double> expected = z * (1 + (z * std::conj(q)).real()) + q * std::norm(z);
    const Eigen::Vector2d out = camera.Project({3 * z.real(), 3 * z.imag(), 3});
    EXPECT_NEAR(out.x(), expected.real(), 1e-12);
    EXPECT_NEAR(out.y(), expected.imag(), 1e-12);
  }
}

TEST(Human36mCamera, WorldPointsAreSeenFromWhereTheCameraIs) {
  Human36mCamera camera = Plain();
  camera.position = {1000, 2000, 1500};
  camera.rotation << 0, -1, 0, 0, 0, -1, 1, 0, 0;  // looks along x, the world's z is up
  const Eigen::Vector3d seen = camera.FromWorld({5000, 1900, 900});
  EXPECT_NEAR((seen - Eigen::Vector3d(100, 600, 4000)).norm(), 0, 1e-9);
}

std::string Metadata(const std::vector<double>& numbers) {
  std::ostringstream out;
  out.precision(17);
  out << "<?xml version=\"1.0\"?>\n<metadata><w0>[";
  for (const double number : numbers) out << number << " ";
  out << "]</w0></metadata>";
  return out.str();
}

/// Camera 2 of S9 as three turns by hand: the image's y axis down, then about the vertical.
TEST(Human36mCamera, MetadataGivesAnglesPositionAndLens) {
  const TemporaryFolder folder;
  std::vector<double> numbers(300, 0);
  double* extrinsic = &numbers[6 * (1 * 11 + 8)];
  const double angles[] = {M_PI / 2 + 0.1, 0.02, 0.8};
  for (int i = 0; i < 3; ++i) extrinsic[i] = angles[i];
  extrinsic[3] = 100, extrinsic[4] = -200, extrinsic[5] = 1500;
  for (int i = 0; i < 9; ++i) numbers[264 + 9 + i] = i < 4 ? 1100 + i : 0.001 * i;
  const std::string path = folder / "metadata.xml";
  std::ofstream(path) << Metadata(numbers);

  const Human36mCamera camera = OpenHuman36mCameras(path)("S9", 1);
  const auto turn = [&](int axis) {
    Eigen::Matrix3d R = Eigen::Matrix3d::Identity();
    const int j = (axis + 1) % 3, k = (axis + 2) % 3;
    R(j, j) = R(k, k) = std::cos(angles[axis]);
    R(k, j) = std::sin(angles[axis]);
    R(j, k) = -R(k, j);
    return R;
  };
  EXPECT_NEAR((camera.rotation - turn(0) * turn(1) * turn(2)).norm(), 0, 1e-12);
  EXPECT_EQ(camera.position, Eigen::Vector3d(100, -200, 1500));
  EXPECT_EQ(camera.focal, Eigen::Vector2d(1100, 1101));
  EXPECT_EQ(camera.centre, Eigen::Vector2d(1102, 1103));
  EXPECT_EQ(camera.radial, (std::array<double, 3>{.004, .005, .006}));
  EXPECT_EQ(camera.tangential, (std::array<double, 2>{.007, .008}));
  EXPECT_EQ(camera.name, "55011271");
  EXPECT_THROW(OpenHuman36mCameras(path)("S1", 0), Error);  // all zero
}

/// 3 MB, which once took minutes.
TEST(Human36mCamera, ManyCommentsAreReadInNoTime) {
  const TemporaryFolder folder;
  std::string comments;
  for (int i = 0; i < 300000; ++i) comments += "x<!--w0-->";
  std::vector<double> numbers(300, 0.5);
  numbers[0] = M_PI / 2, numbers[1] = 0;  // upright
  numbers[264] = numbers[265] = 1000;
  const std::string path = folder.Write("metadata.xml", comments + Metadata(numbers) + "<!-- <w0>");
  EXPECT_EQ(OpenHuman36mCameras(path)("S1", 0).focal, Eigen::Vector2d(1000, 1000));
}

TEST(Human36mCamera, FilesThatAreNoneAreRefused) {
  const TemporaryFolder folder;
  for (const std::string name : {"a.xml", "a.h5"}) {
    EXPECT_THROW(OpenHuman36mCameras(folder / name), Error);
    std::ofstream(folder / name) << "<w0>[1 2 3]</w0>";
    EXPECT_THROW(OpenHuman36mCameras(folder / name), Error);
  }
}

}  // namespace
}  // namespace links
