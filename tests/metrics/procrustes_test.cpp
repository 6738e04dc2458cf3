#include "links/metrics/procrustes.h"

#include <gtest/gtest.h>

#include <Eigen/Geometry>
#include <limits>

#include "metrics/random_poses.h"

namespace links {
namespace {

using test::Mirrored;
using test::RandomPose;
using test::RandomRotation;

double Residual(const Pose& source, const Pose& target, Reflection reflection) {
  return (AlignPose(source, target, reflection).value().Apply(source) - target).norm();
}

TEST(Procrustes, AgreesWithUmeyama) {
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    const Pose source = RandomPose(random, 300, 50), target = RandomPose(random, 200, -700);
    const Eigen::Matrix4d expected = Eigen::umeyama(source.transpose(), target.transpose(), true);
    const Similarity found = AlignPose(source, target, Reflection::kForbidden).value();
    EXPECT_TRUE((found.scale * found.rotation).isApprox(expected.topLeftCorner<3, 3>(), 1e-9));
    EXPECT_TRUE(found.translation.transpose().isApprox(expected.topRightCorner<3, 1>(), 1e-9));
    EXPECT_NEAR(found.rotation.determinant(), 1, 1e-9);
  }
}

TEST(Procrustes, ReflectionIsTheBetterOfThePoseAndItsMirrorImage) {
  std::mt19937 random(2);
  int mirrored = 0;
  for (int i = 0; i < 500; ++i) {
    const Pose source = RandomPose(random), target = RandomPose(random);
    const double upright = Residual(source, target, Reflection::kForbidden);
    const double mirror = Residual(Mirrored(source), target, Reflection::kForbidden);
    EXPECT_NEAR(Residual(source, target, Reflection::kAllowed), std::min(upright, mirror), 1e-7);
    mirrored += mirror < upright;
  }
  EXPECT_GT(mirrored, 100);
  EXPECT_LT(mirrored, 400);
}

TEST(Procrustes, NoNearbyTransformIsBetter) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal(0, 1e-2);
  const Pose source = RandomPose(random), target = RandomPose(random);
  for (Reflection reflection : {Reflection::kForbidden, Reflection::kAllowed}) {
    const Similarity best = AlignPose(source, target, reflection).value();
    const double residual = (best.Apply(source) - target).norm();
    for (int i = 0; i < 200; ++i) {
      Similarity other = best;
      other.scale *= 1 + normal(random);
      other.rotation *= Eigen::AngleAxisd(normal(random), Eigen::Vector3d::Random().normalized()).matrix();
      other.translation += 100 * normal(random) * Eigen::RowVector3d::Random();
      EXPECT_GE((other.Apply(source) - target).norm(), residual);
    }
  }
}

TEST(Procrustes, UndoesAKnownTransform) {
  std::mt19937 random(4);
  const Pose source = RandomPose(random);
  const Similarity known{2.5, RandomRotation(random), {100, -20, 4000}};
  EXPECT_LT(Residual(source, known.Apply(source), Reflection::kForbidden), 1e-8);
  EXPECT_LT(Residual(source, Mirrored(known.Apply(source)), Reflection::kAllowed), 1e-8);
  EXPECT_GT(Residual(source, Mirrored(known.Apply(source)), Reflection::kForbidden), 100);
  EXPECT_NEAR(AlignPose(source, Mirrored(known.Apply(source)), Reflection::kAllowed)->rotation.determinant(),
              -1, 1e-9);
}

// A flat or straight pose is its own mirror image: both alignments must be perfect and equal.
TEST(Procrustes, PlanarAndCollinearPosesAreSafe) {
  std::mt19937 random(5);
  for (int flat_axes : {1, 2}) {
    for (int i = 0; i < 100; ++i) {
      Pose source = RandomPose(random);
      source.rightCols(flat_axes).setZero();
      const Similarity known{0.7, RandomRotation(random), {1, 2, 3}};
      const Pose target = known.Apply(source);
      EXPECT_LT(Residual(source, target, Reflection::kForbidden), 1e-8);
      EXPECT_LT(Residual(source, Mirrored(target), Reflection::kForbidden), 1e-8);
      EXPECT_LT(Residual(source, target, Reflection::kAllowed), 1e-8);
      const Similarity to_solid = AlignPose(source, RandomPose(random), Reflection::kForbidden).value();
      EXPECT_TRUE(to_solid.rotation.allFinite());
      EXPECT_NEAR(to_solid.rotation.determinant(), 1, 1e-9);
    }
  }
}

TEST(Procrustes, UncorrelatedPosesGiveScaleZero) {
  Pose source = Pose::Zero(), target = Pose::Zero();
  source(1, 0) = 1, source(2, 0) = -1;
  target(3, 1) = 1, target(4, 1) = -1;
  const Similarity found = AlignPose(source, target, Reflection::kForbidden).value();
  EXPECT_EQ(found.scale, 0);
  EXPECT_TRUE(found.rotation.allFinite());
}

TEST(Procrustes, DegeneratePosesHaveNoAlignment) {
  std::mt19937 random(6);
  const Pose good = RandomPose(random);
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  Pose zero = Pose::Zero(), collapsed = Pose::Constant(1234.5), with_nan = good, with_inf = good;
  Pose almost = Pose::Constant(1234.5);
  almost(3, 1) = std::nextafter(1234.5F, 2000.0F);
  with_nan(16, 2) = nan;
  with_inf(0, 0) = inf;
  for (const Pose& bad : {zero, collapsed, almost, with_nan, with_inf, Pose(1e200 * good)}) {
    EXPECT_TRUE(IsDegenerate(bad));
    EXPECT_FALSE(AlignPose(bad, good, Reflection::kForbidden));
    EXPECT_FALSE(AlignPose(good, bad, Reflection::kAllowed));
  }
  EXPECT_FALSE(IsDegenerate(1e-30 * good));
  EXPECT_LT(Residual(1e-30 * good, good, Reflection::kForbidden), 1e-8);
}

}  // namespace
}  // namespace links
