#include "links/evaluation/breakdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <map>
#include <numbers>

#include "links/skeleton/skeleton.h"

namespace links {
namespace {

// A body that faces the camera, its left hand side at the right of the image, turned by `degrees` to the
// right of the image about the vertical axis.
torch::Tensor Facing(double degrees) {
  torch::Tensor pose = torch::zeros({1, kJoints, 3}, torch::kFloat64);
  const double angle = degrees * std::numbers::pi / 180;
  const auto hip = [&](int joint, double across) {
    pose[0][joint][0] = across * std::cos(angle);
    pose[0][joint][2] = across * std::sin(angle);
  };
  hip(kLHip, 0.1);
  hip(kRHip, -0.1);
  pose[0][kThorax][1] = -0.5;
  return pose;
}

TEST(Azimuths, CountFromTheCameraToTheRightOfTheImage) {
  for (const double degrees : {0.0, 45.0, 90.0, 180.0, 270.0, 359.0}) {
    const double found = Azimuths(Facing(degrees))[0].item<double>();
    EXPECT_NEAR(std::remainder(found - degrees, 360), 0, 1e-9) << degrees;
    EXPECT_GE(found, 0);
    EXPECT_LT(found, 360);
  }
  const Grouping grouping = ByAzimuth(torch::cat({Facing(15), Facing(95), Facing(355)}));
  EXPECT_THAT(grouping.group, testing::ElementsAre("000..030", "090..120", "330..360"));
}

TEST(ByLikelihood, MakesTenthsInOrder) {
  const torch::Tensor nats = torch::randn({205}, torch::kFloat64);
  const Grouping grouping = ByLikelihood(nats);
  std::map<std::string, std::vector<double>> groups;
  for (int64_t i = 0; i < 205; ++i)
    groups[grouping.group[static_cast<size_t>(i)]].push_back(nats[i].item<double>());
  ASSERT_EQ(groups.size(), 10u);
  double most = -1e9;
  for (const auto& [name, values] : groups) {
    EXPECT_NEAR(static_cast<double>(values.size()), 20.5, 0.6) << name;
    EXPECT_GE(*std::min_element(values.begin(), values.end()), most) << name;
    most = *std::max_element(values.begin(), values.end());
  }
  EXPECT_EQ(ByLikelihood(torch::zeros({3})).group.size(), 3u);
}

}  // namespace
}  // namespace links
