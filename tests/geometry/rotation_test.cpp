#include "links/geometry/rotation.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <Eigen/Geometry>
#include <numbers>

#include "support/difference.h"

namespace links {
namespace {

using test::Difference;

constexpr double kQuarter = std::numbers::pi / 2;

// Angles far beyond one turn, too.
torch::Tensor Angles(int64_t count) {
  return 10 * torch::randn({count}, torch::kFloat64);
}

torch::Tensor ToTensor(const Eigen::Matrix3d& matrix) {
  torch::Tensor tensor = torch::empty({3, 3}, torch::kFloat64);
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column) tensor[row][column] = matrix(row, column);
  }
  return tensor;
}

TEST(Rotation, QuarterTurnsMoveTheAxes) {
  const torch::Tensor quarter = torch::full({1}, kQuarter, torch::kFloat64);
  const torch::Tensor axes = torch::eye(3, torch::kFloat64).unsqueeze(0);  // x, y, z as three joints
  const torch::Tensor about_x = torch::tensor({{1., 0., 0.}, {0., 0., 1.}, {0., -1., 0.}}, torch::kFloat64);
  const torch::Tensor about_y = torch::tensor({{0., 0., -1.}, {0., 1., 0.}, {1., 0., 0.}}, torch::kFloat64);
  EXPECT_LT(Difference(Rotate(RotationX(quarter), axes)[0], about_x), 1e-15);
  EXPECT_LT(Difference(Rotate(RotationY(quarter), axes)[0], about_y), 1e-15);
}

TEST(Rotation, AgreesWithAngleAxis) {
  torch::manual_seed(1);
  const torch::Tensor angles = Angles(20);
  const torch::Tensor x = RotationX(angles), y = RotationY(angles);
  for (int i = 0; i < 20; ++i) {
    const double angle = angles[i].item<double>();
    EXPECT_LT(Difference(x[i], ToTensor(Eigen::AngleAxisd(angle, Eigen::Vector3d::UnitX()).matrix())), 1e-14);
    EXPECT_LT(Difference(y[i], ToTensor(Eigen::AngleAxisd(angle, Eigen::Vector3d::UnitY()).matrix())), 1e-14);
  }
}

TEST(Rotation, IsOrthogonalWithDeterminantOne) {
  torch::manual_seed(2);
  const torch::Tensor rotation = RotationX(Angles(50)).bmm(RotationY(Angles(50))).bmm(RotationX(Angles(50)));
  const torch::Tensor identity = torch::eye(3, torch::kFloat64).expand({50, 3, 3});
  EXPECT_LT(Difference(rotation.bmm(rotation.transpose(1, 2)), identity), 1e-14);
  EXPECT_LT(Difference(torch::linalg_det(rotation), torch::ones({50}, torch::kFloat64)), 1e-14);
}

TEST(Rotation, TurnsEveryJointOfAPoseByThePosesRotation) {
  torch::manual_seed(3);
  const torch::Tensor rotation = RotationX(Angles(4)).bmm(RotationY(Angles(4)));
  const torch::Tensor points = torch::randn({4, 5, 3}, torch::kFloat64);
  const torch::Tensor turned = Rotate(rotation, points), back = RotateBack(rotation, points);
  for (int pose = 0; pose < 4; ++pose) {
    for (int joint = 0; joint < 5; ++joint) {
      EXPECT_LT(Difference(turned[pose][joint], rotation[pose].mv(points[pose][joint])), 1e-14);
      EXPECT_LT(Difference(back[pose][joint], torch::linalg_inv(rotation[pose]).mv(points[pose][joint])),
                1e-13);
    }
  }
}

TEST(Rotation, RotateBackUndoesRotate) {
  torch::manual_seed(4);
  const torch::Tensor rotation = RotationX(Angles(8)).bmm(RotationY(Angles(8))).bmm(RotationX(Angles(8)));
  const torch::Tensor points = torch::randn({8, 17, 3}, torch::kFloat64);
  EXPECT_LT(Difference(RotateBack(rotation, Rotate(rotation, points)), points), 1e-14);
  EXPECT_LT(Difference(Rotate(rotation, RotateBack(rotation, points)), points), 1e-14);
}

TEST(Rotation, LeadingDimensionsAreBroadcast) {
  torch::manual_seed(5);
  const torch::Tensor angles = Angles(6).view({2, 3});
  const torch::Tensor rotation = torch::matmul(RotationX(angles), RotationY(2 * angles));
  ASSERT_EQ(rotation.sizes(), torch::IntArrayRef({2, 3, 3, 3}));
  const torch::Tensor points = torch::randn({3, 17, 3}, torch::kFloat64);
  const torch::Tensor turned = Rotate(rotation, points), back = RotateBack(rotation, points);
  for (int64_t n = 0; n < 2; ++n) {
    const torch::Tensor own = RotationX(angles[n]).bmm(RotationY(2 * angles[n]));
    EXPECT_LT(Difference(rotation[n], own), 1e-14);
    EXPECT_LT(Difference(turned[n], Rotate(own, points)), 1e-14);
    EXPECT_LT(Difference(back[n], RotateBack(own, points)), 1e-14);
  }
}

TEST(Rotation, AChainTurnsOneAfterTheOther) {
  const torch::Tensor angles = torch::rand({2, 5}, torch::kFloat64),
                      points = torch::randn({5, 4, 3}, torch::kFloat64);
  const torch::Tensor first = RotationX(angles[0]), second = RotationY(angles[1]);
  EXPECT_LT(Difference(Rotate(Chain(second, first), points), Rotate(second, Rotate(first, points))), 1e-14);
}

TEST(Rotation, PassesTheGradientToTheAngle) {
  const double angle = 0.7;
  for (const auto& make : {RotationX, RotationY}) {
    const torch::Tensor variable = torch::full({1}, angle, torch::kFloat64).requires_grad_();
    const torch::Tensor weights = torch::arange(1., 10., torch::kFloat64).view({1, 3, 3});
    (make(variable) * weights).sum().backward();
    const auto value = [&](double a) {
      return (make(torch::full({1}, a, torch::kFloat64)) * weights).sum().item<double>();
    };
    EXPECT_NEAR(variable.grad().item<double>(), (value(angle + 1e-6) - value(angle - 1e-6)) / 2e-6, 1e-8);
  }
}

}  // namespace
}  // namespace links
