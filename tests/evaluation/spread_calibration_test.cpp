#include "links/evaluation/spread_calibration.h"

#include <gmock/gmock.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "links/core/error.h"
#include "links/synthetic/synthetic.h"
#include "support/temporary_folder.h"
#include "support/tiny_networks.h"

namespace links {
namespace {

using namespace test;
using testing::HasSubstr;

class SpreadCalibrationTest : public testing::Test {
 protected:
  SpreadCalibrationTest() {
    torch::manual_seed(21);
    completion_ = Completion(CompletionOptions{.width = 16, .blocks = 1, .root_width = 8});
    const torch::Tensor keypoints = normalisation_.Keypoints(poses_);
    completion_->Fit(lifters_->LiftPose(LegsTorso(), keypoints), keypoints);
  }

  SpreadCalibration Calibrate() {
    return CalibrateSpread(lifters_, completion_, poses_, normalisation_,
                           {.poses = 1000, .masks = {}, .seed = 3}, torch::kCPU);
  }

  torch::NoGradGuard no_grad_;
  PoseData poses_ = Synthesize({.poses = 200, .seed = 5});
  Normalisation normalisation_ = Normalisation::Of(poses_);
  PoseLifters lifters_ = TinyLifters({Segment::kLegs, Segment::kTorso, Segment::kLeft, Segment::kRight});
  Completion completion_{nullptr};
};

// How many of the other subjects' lifted joints lie within the spread, by plain loops.
TEST_F(SpreadCalibrationTest, FactorOfLiftedJointsHolds68PercentOfTheErrors) {
  const SpreadCalibration found = Calibrate();
  EXPECT_NEAR(found.fitted[0].covered, 0.68, 0.002);
  EXPECT_NEAR(found.fitted[2].covered, 0.68, 0.02);
  EXPECT_GT(found.fitted[0].joints, 500);

  std::vector<std::string> subjects = poses_.subject;
  std::ranges::sort(subjects);
  subjects.erase(std::unique(subjects.begin(), subjects.end()), subjects.end());
  const torch::Tensor keypoints = normalisation_.Keypoints(poses_), truth = RootCentredJoints(poses_);
  torch::Tensor shown = DrawMasks(poses_.size(), MaskShares{}, 3);
  const Perturbations perturbations = DrawPerturbations(16, torch::kCPU);
  int64_t within = 0, joints = 0;
  for (int64_t i = 0; i < poses_.size(); ++i) {
    if (i % 2 == 0) shown[i].fill_(true);
    const auto subject = std::ranges::find(subjects, poses_.subject[static_cast<size_t>(i)]);
    if ((subject - subjects.begin()) % 2 == 0) continue;
    const torch::Tensor own = keypoints.narrow(0, i, 1), seen = shown.narrow(0, i, 1);
    const CompletedPoses answer = CompletePoses(lifters_, completion_, own, seen);
    const torch::Tensor radius =
        OtherAnswers(lifters_, completion_, own, seen, answer, perturbations, found.factors).deviation[0];
    double dot = 0, squares = 0;
    for (int j = 0; j < kJoints; ++j) {
      for (int k = 0; k < 2; ++k) {
        dot += own[0][j][k].item<double>() * truth[i][j][k].item<double>();
        squares += std::pow(truth[i][j][k].item<double>(), 2);
      }
    }
    for (int j = 1; j < kJoints; ++j) {
      if (!seen[0][j].item<bool>() || !answer.lifted[0][j].item<bool>()) continue;
      double square = 0;
      for (int k = 0; k < 3; ++k) {
        const double there = 10 * dot / squares * truth[i][j][k].item<double>();
        square += std::pow(answer.joints[0][j][k].item<double>() - there, 2);
      }
      within += std::sqrt(square) <= radius[j].item<double>();
      ++joints;
    }
  }
  EXPECT_EQ(found.others[0].joints, joints);
  EXPECT_NEAR(found.others[0].covered, static_cast<double>(within) / static_cast<double>(joints), 0.005);
}

TEST_F(SpreadCalibrationTest, ThirdsAddUpToTheWhole) {
  for (const SpreadCoverage& coverage : Calibrate().others) {
    const auto& thirds = coverage.covered_by_third;
    EXPECT_NEAR((thirds[0] + thirds[1] + thirds[2]) / 3, coverage.covered, 0.01);
    EXPECT_GT(coverage.mean_radius, 0);
    EXPECT_GT(coverage.median_error, 0);
  }
}

TEST_F(SpreadCalibrationTest, NeedsTwoSubjects) {
  poses_.subject.assign(static_cast<size_t>(poses_.size()), "S1");
  EXPECT_THAT(MessageOf([&] { Calibrate(); }), HasSubstr("two subjects or more"));
  poses_.subject.clear();
  EXPECT_THAT(MessageOf([&] { Calibrate(); }), HasSubstr("found 0"));
}

}  // namespace
}  // namespace links
