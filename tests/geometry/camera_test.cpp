#include "links/geometry/camera.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "links/core/error.h"
#include "support/difference.h"

namespace links {
namespace {

using test::Difference;

torch::Tensor OnePose(std::initializer_list<double> values, int64_t columns) {
  return torch::tensor(std::vector<double>(values), torch::kFloat64).view({1, -1, columns});
}

TEST(Camera, LiftsByHand) {
  // z = 12, 10, 7: depth offsets 2, 0, -3.
  const torch::Tensor keypoints = OnePose({0.1, -0.05, 0.3, 0.2, -0.2, 0.1}, 2);
  const torch::Tensor depth = torch::tensor({{2., 0., -3.}}, torch::kFloat64);
  EXPECT_LT(Difference(Lift(keypoints, depth), OnePose({1.2, -0.6, 2, 3, 2, 0, -1.4, 0.7, -3}, 3)), 1e-14);
}

TEST(Camera, NoPointLiesNearerThanDepthOne) {
  const torch::Tensor keypoints = OnePose({0.1, 0.2, 0.1, 0.2, 0.1, 0.2}, 2);
  const torch::Tensor depth = torch::tensor({{-8.5, -9., -25.}}, torch::kFloat64).requires_grad_();
  const torch::Tensor points = Lift(keypoints, depth);
  EXPECT_LT(Difference(points.detach(), OnePose({0.15, 0.3, -8.5, 0.1, 0.2, -9, 0.1, 0.2, -9}, 3)), 1e-14);
  points.sum().backward();
  EXPECT_NEAR(depth.grad()[0][0].item<double>(), 0.1 + 0.2 + 1, 1e-14);
  EXPECT_EQ(depth.grad()[0][2].item<double>(), 0);
}

TEST(Camera, ProjectsByHand) {
  EXPECT_LT(
      Difference(Project(OnePose({3, -1.5, 5, 0, 0, 0, 1, 2, -8}, 3)), OnePose({0.2, -0.1, 0, 0, 0.5, 1}, 2)),
      1e-15);
}

TEST(Camera, ProjectingALiftedPoseGivesTheKeypointsBack) {
  torch::manual_seed(1);
  const torch::Tensor keypoints = torch::randn({40, 17, 2}, torch::kFloat64) / 10;
  const torch::Tensor depth = 4 * torch::randn({40, 17}, torch::kFloat64);  // a few of them clamped
  EXPECT_LT(Difference(Project(Lift(keypoints, depth)), keypoints), 1e-14);
}

TEST(Camera, LeadingDimensionsAreBroadcast) {
  torch::manual_seed(2);
  const torch::Tensor keypoints = torch::randn({4, 17, 2}, torch::kFloat64) / 10;
  const torch::Tensor depth = 4 * torch::randn({3, 4, 17}, torch::kFloat64), points = Lift(keypoints, depth);
  ASSERT_EQ(points.sizes(), torch::IntArrayRef({3, 4, 17, 3}));
  for (int64_t n = 0; n < 3; ++n) {
    EXPECT_TRUE(points[n].equal(Lift(keypoints, depth[n])));
    EXPECT_TRUE(Project(points)[n].equal(Project(points[n])));
  }
}

TEST(Camera, RefusesOtherShapes) {
  const torch::Tensor keypoints = torch::zeros({4, 17, 2});
  EXPECT_THROW(Lift(keypoints, torch::zeros({4, 16})), Error);
  EXPECT_THROW(Lift(keypoints, torch::zeros({4, 1})), Error);  // would broadcast
  EXPECT_THROW(Lift(torch::zeros({2}), torch::zeros({17})), Error);
  EXPECT_THROW(Lift(torch::zeros({4, 17, 3}), torch::zeros({4, 17})), Error);
  EXPECT_THROW(Project(keypoints), Error);
}

}  // namespace
}  // namespace links
