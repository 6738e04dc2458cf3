#include "links/evaluation/validation_figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <limits>

#include "links/device/host_copy.h"
#include "links/synthetic/synthetic.h"
#include "support/tiny_networks.h"

namespace links {
namespace {

using namespace test;
using testing::ElementsAre;

class ValidationFigure : public testing::Test {
 protected:
  Validation Of(const PoseData& data) const { return {data, normalisation_, 1000, torch::kCPU}; }
  torch::Tensor Keypoints(int64_t row) const { return normalisation_.Keypoints(data_).narrow(0, row, 1); }

  PoseData data_ = Synthesize({.poses = 40, .seed = 3});
  Normalisation normalisation_ = Normalisation::Of(data_);
  PoseLifters lifters_ = TinyLifters({Segment::kLegs, Segment::kTorso, Segment::kLeft, Segment::kRight});
};

TEST_F(ValidationFigure, LiftedPosesAreThoseOfTheLiftersAtTheTrueSize) {
  const PoseGrid grid = LiftersFigure(Of(data_), lifters_);
  EXPECT_THAT(grid.columns, ElementsAre("2D", "legs\ntorso", "left\ncore", "right\ncore", "mean", "truth"));
  ASSERT_EQ(grid.rows.size(), 4u);
  for (int64_t row = 0; row < 4; ++row) {
    const auto& cells = grid.rows[row].cells;
    EXPECT_EQ(cells[0].joints, Floats(Keypoints(10 * row)));
    const torch::Tensor truth = torch::tensor(cells[5].joints), lifted = torch::tensor(cells[1].joints);
    EXPECT_NEAR(lifted.norm().item<double>(), truth.norm().item<double>(), 0.1);
    const torch::Tensor own = LiftPoses(lifters_, LegsTorso(), Keypoints(10 * row)).flatten();
    EXPECT_TRUE(torch::allclose(lifted / lifted.norm(), own / own.norm(), 1e-4, 1e-5));
    for (int i = 0; i < 3 * kJoints; ++i) {
      const float root = data_.joints_3d[51 * 10 * row + 3 * kRoot + i % 3];
      EXPECT_NEAR(cells[5].joints[i], data_.joints_3d[51 * 10 * row + i] - root, 1e-2);
    }
  }
  EXPECT_FALSE(PoseGridPng(grid).empty());
}

TEST_F(ValidationFigure, OfPosesWithout3dThereIsNoTruth) {
  data_.joints_3d.clear();
  EXPECT_THAT(LiftersFigure(Of(data_), lifters_).columns,
              ElementsAre("2D", "legs\ntorso", "left\ncore", "right\ncore", "mean"));
  EXPECT_TRUE(LiftersFigure(Of({}), lifters_).rows.empty());
}

TEST_F(ValidationFigure, SamplesAreTheSameEveryTimeAndDisturbNoOtherNumbers) {
  PoseFlows flows = TinyFlows();
  torch::manual_seed(5);
  const torch::Tensor undisturbed = torch::rand({4});
  torch::manual_seed(5);
  const PoseGrid grid = SampledFigure(Of(data_), flows, {});
  EXPECT_TRUE(torch::equal(torch::rand({4}), undisturbed));
  const PoseGrid again = SampledFigure(Of(data_), flows, {});
  ASSERT_EQ(grid.rows.size(), 2u);
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(grid.rows[1].cells[i].joints, again.rows[1].cells[i].joints);
    EXPECT_NE(grid.rows[1].cells[i].joints, grid.rows[0].cells[i].joints);
  }
}

TEST_F(ValidationFigure, HiddenJointsAreMarked) {
  Fillers fillers = TinyFillers();
  const PoseGrid grid = ScenariosFigure(Of(data_), {"o2d", "o3d"}, Scenarios(), lifters_, &fillers, nullptr);
  EXPECT_THAT(grid.columns, ElementsAre("2D", "o2d", "o3d", "truth"));
  ASSERT_EQ(grid.rows.size(), Scenarios().size());
  for (size_t i = 0; i < grid.rows.size(); ++i) {
    for (size_t column = 0; column < 3; ++column) {
      std::vector<int> hidden;
      for (int joint = 0; joint < kJoints; ++joint) {
        if (grid.rows[i].cells[column].guessed[joint]) hidden.push_back(joint);
      }
      EXPECT_EQ(hidden, Scenarios()[i].missing) << column;
    }
  }
}

TEST_F(ValidationFigure, APoseThatIsNotFiniteIsLeftOut) {
  for (torch::Tensor& parameter : lifters_->parameters())
    parameter.data().fill_(std::numeric_limits<float>::quiet_NaN());
  const PoseGrid grid = LiftersFigure(Of(data_), lifters_);
  EXPECT_TRUE(grid.rows[0].cells[1].joints.empty());
  EXPECT_FALSE(PoseGridPng(grid).empty());
}

}  // namespace
}  // namespace links
