#include "links/metrics/pose_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "metrics/random_poses.h"

namespace links {
namespace {

using test::Mirrored;
using test::RandomPose;
using testing::DoubleNear;
using testing::Each;

const auto kNothing = Each(DoubleNear(0, 1e-9));

double Mean(const JointErrors& errors) {
  return std::accumulate(errors.begin(), errors.end(), 0.0) / kJoints;
}

Pose RootCentred(const Pose& pose) {
  return pose.rowwise() - pose.row(kRoot);
}

TEST(PoseError, ACopyElsewhereHasNone) {
  std::mt19937 random(1);
  const Pose truth = RandomPose(random);
  const PoseErrors errors = MeasurePose(truth.rowwise() + Eigen::RowVector3d(10, -5, 400), truth).value();
  for (const JointErrors& joint_errors : {errors.root, errors.norm_scale, errors.least_squares_scale,
                                          errors.procrustes, errors.procrustes_reflection})
    EXPECT_THAT(joint_errors, kNothing);
}

TEST(PoseError, OnlyTheRootCentredErrorSeesScale) {
  std::mt19937 random(2);
  const Pose truth = RandomPose(random);
  const PoseErrors errors = MeasurePose(3 * truth, truth).value();
  EXPECT_THAT(errors.norm_scale, kNothing);
  EXPECT_THAT(errors.least_squares_scale, kNothing);
  EXPECT_THAT(errors.procrustes, kNothing);
  const Pose centred = RootCentred(truth);
  for (int j = 0; j < kJoints; ++j) EXPECT_NEAR(errors.root[j], 2 * centred.row(j).norm(), 1e-9);
}

TEST(PoseError, ADepthFlipIsRightOnlyWithReflection) {
  std::mt19937 random(3);
  const Pose truth = RandomPose(random);
  const PoseErrors errors = MeasurePose(Mirrored(truth), truth).value();
  EXPECT_THAT(errors.procrustes_reflection, kNothing);
  EXPECT_GT(Mean(errors.procrustes), 50);
  const Pose centred = RootCentred(truth);
  for (int j = 0; j < kJoints; ++j) {
    EXPECT_NEAR(errors.root[j], 2 * std::abs(centred(j, 2)), 1e-9);
    EXPECT_NEAR(errors.norm_scale[j], errors.root[j], 1e-9);
  }
}

TEST(PoseError, ARotationIsRightOnlyAfterProcrustes) {
  std::mt19937 random(4);
  const Pose truth = RandomPose(random);
  const PoseErrors errors = MeasurePose(truth * test::RandomRotation(random), truth).value();
  EXPECT_THAT(errors.procrustes, kNothing);
  EXPECT_THAT(errors.procrustes_reflection, kNothing);
  EXPECT_GT(Mean(errors.norm_scale), 50);
}

// One joint of the truth on each of two axes; by hand: ‖p‖ = ‖g‖ = 500, ⟨p,g⟩ = 400·300 + 300·400.
TEST(PoseError, TheTwoScalesDiffer) {
  Pose predicted = Pose::Zero(), truth = Pose::Zero();
  predicted.row(1) << 800, 0, 0;
  predicted.row(2) << 0, 600, 0;
  truth.row(1) << 300, 0, 0;
  truth.row(2) << 0, 400, 0;
  const PoseErrors errors = MeasurePose(predicted, truth).value();
  EXPECT_NEAR(errors.root[1], 500, 1e-9);
  EXPECT_NEAR(errors.norm_scale[1], 100, 1e-9);  // scale 0.5
  EXPECT_NEAR(errors.norm_scale[2], 100, 1e-9);
  EXPECT_NEAR(errors.least_squares_scale[1], 84, 1e-9);  // scale 0.48
  EXPECT_NEAR(errors.least_squares_scale[2], 112, 1e-9);
}

// As in the field's code, the least-squares scale has no guard on its sign.
TEST(PoseError, AntiCorrelatedPredictionsKeepTheirNegativeScale) {
  std::mt19937 random(5);
  const Pose truth = RandomPose(random);
  const PoseErrors errors = MeasurePose(-2 * truth, truth).value();
  EXPECT_THAT(errors.least_squares_scale, kNothing);
  const Pose centred = RootCentred(truth);
  EXPECT_NEAR(errors.norm_scale[5], 2 * centred.row(5).norm(), 1e-9);
}

TEST(PoseError, AnOrthogonalPredictionHasLeastSquaresScaleZero) {
  Pose predicted = Pose::Zero(), truth = Pose::Zero();
  predicted(1, 0) = 100;
  truth(2, 1) = 70;
  const PoseErrors errors = MeasurePose(predicted, truth).value();
  EXPECT_EQ(errors.least_squares_scale[1], 0);
  EXPECT_EQ(errors.least_squares_scale[2], 70);
}

TEST(PoseError, DegenerateAndNonFinitePosesHaveNoErrors) {
  std::mt19937 random(6);
  std::vector<float> good, bad;
  test::Append(good, RandomPose(random));
  const auto span = [](const std::vector<float>& pose) {
    return std::span<const float, kJoints * 3>(pose.data(), kJoints * 3);
  };
  EXPECT_TRUE(MeasurePose(span(good), span(good)));
  bad.assign(51, 77.7F);
  EXPECT_FALSE(MeasurePose(span(bad), span(good)));
  EXPECT_FALSE(MeasurePose(span(good), span(bad)));
  for (float value : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    bad = good;
    bad[50] = value;
    EXPECT_FALSE(MeasurePose(span(bad), span(good)));
    EXPECT_FALSE(MeasurePose(span(good), span(bad)));
  }
}

TEST(PoseError, ExtremeFloatsStayFinite) {
  std::mt19937 random(7);
  const Pose truth = RandomPose(random);
  for (double size : {1e-40, 1e35}) {
    const PoseErrors errors = MeasurePose(size * RandomPose(random, 1), truth).value();
    for (const JointErrors& joint_errors : {errors.root, errors.norm_scale, errors.least_squares_scale,
                                            errors.procrustes, errors.procrustes_reflection})
      for (double error : joint_errors) EXPECT_TRUE(std::isfinite(error)) << size;
  }
}

}  // namespace
}  // namespace links
