#include "links/loss/distillation_loss.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <map>
#include <numbers>

#include "support/plain_poses.h"
#include "support/tiny_networks.h"

namespace links {
namespace {

using namespace test;

constexpr uint64_t kSeed = 31;
constexpr int64_t kBatch = 4;

// docs/method.md sec. 5, the missing joints of its table.
const std::map<std::string, std::vector<int>> kMissing = {
    {"left_arm", {11, 12, 13}},
    {"right_arm", {14, 15, 16}},
    {"left_leg", {4, 5, 6}},
    {"right_leg", {1, 2, 3}},
    {"left_arm_leg", {4, 5, 6, 11, 12, 13}},
    {"right_arm_leg", {1, 2, 3, 14, 15, 16}},
    {"both_legs", {1, 2, 3, 4, 5, 6}},
    {"full_torso", {7, 8, 9, 10, 11, 12, 13, 14, 15, 16}}};

class DistillationLossTest : public testing::Test {
 protected:
  DistillationLossTest() { Freeze(*teacher_); }

  StepLoss Compute(const DistillationOptions& options) {
    torch::manual_seed(kSeed);
    return DistillationLoss(options)(fillers_, teacher_, keypoints_);
  }

  PoseLifters teacher_ = TinyLifters({Segment::kLegs, Segment::kTorso, Segment::kLeft, Segment::kRight});
  Fillers fillers_ = TinyFillers();
  torch::Tensor keypoints_ = RandomKeypoints(kBatch);
};

// Squared distance of a scenario's joints from those of `target`, summed over the missing joints, mean over
// the batch.
double FillError(ScenarioFillers& fillers, int64_t scenario, const Poses& seen, const Poses& target,
                 const std::vector<int>& missing, int64_t coordinates) {
  const torch::Tensor predicted = fillers->forward(ToTensor(seen, coordinates))[scenario];
  double sum = 0;
  for (size_t b = 0; b < seen.size(); ++b)
    for (const int joint : missing)
      for (int64_t k = 0; k < coordinates; ++k) {
        sum += std::pow(predicted[b][joint][k].item<double>() - target[b][joint][k], 2);
      }
  return sum / static_cast<double>(seen.size());
}

Poses TurnedEach(const std::vector<Matrix>& rotations, const Poses& poses) {
  Poses turned;
  for (size_t b = 0; b < poses.size(); ++b) turned.push_back(Turned(rotations[b], poses[b]));
  return turned;
}

// Of the poses as they are, then of each copy.
std::vector<std::vector<Matrix>> RotationsByHand(PoseLifters& teacher, const torch::Tensor& keypoints,
                                                 const DistillationOptions& options) {
  const torch::Tensor elevation =
      teacher->Lift(keypoints).elevation.narrow(0, 0, 2).mean(0).to(torch::kFloat64);  // legs, torso
  const double mean = elevation.mean().item<double>(), deviation = elevation.std().item<double>();
  torch::manual_seed(kSeed);
  std::vector<std::vector<Matrix>> copies = {std::vector<Matrix>(kBatch, AboutY(0))};
  for (int64_t copy = 0; copy < options.rotated_copies; ++copy) {
    const bool views = options.rotation == CopyRotation::kVirtualView;
    const torch::Tensor draw = torch::rand({kBatch}), normal = views ? torch::randn({kBatch}) : draw;
    std::vector<Matrix>& rotations = copies.emplace_back();
    for (int64_t b = 0; b < kBatch; ++b) {
      const Matrix about_y = AboutY((2 * draw[b].item<double>() - 1) * std::numbers::pi);
      const Matrix back = AboutX(deviation * normal[b].item<double>() - mean);
      const Matrix level = AboutX(elevation[b].item<double>());
      rotations.push_back(views ? Product(Product(back, about_y), level) : about_y);
    }
  }
  return copies;
}

// Eq. 7 by hand for the options given.
std::map<std::string, double> TermsByHand(Fillers& fillers, PoseLifters& teacher,
                                          const torch::Tensor& keypoints,
                                          const DistillationOptions& options) {
  const std::vector<std::vector<Matrix>> copies = RotationsByHand(teacher, keypoints, options);
  const Poses pose = ToPlain(teacher->LiftPose(LegsTorso(), keypoints)), flat = ToPlain(keypoints);
  std::map<std::string, double> terms;
  for (size_t i = 0; i < Scenarios().size(); ++i) {
    const Scenario& scenario = Scenarios()[i];
    const auto n = static_cast<int64_t>(i);
    const std::vector<int>& missing = kMissing.at(scenario.name);
    Poses seen = pose;
    if (options.input != FillerInput::kTeacher)
      seen = ToPlain(teacher->LiftPose(scenario.visible, keypoints));
    if (options.input == FillerInput::kBoth) std::copy_n(pose.begin(), kBatch / 2, seen.begin());
    double& error = terms["o3d/" + scenario.name];
    for (const auto& rotations : copies) {
      error +=
          FillError(fillers->o3d(), n, TurnedEach(rotations, seen), TurnedEach(rotations, pose), missing, 3);
    }
    terms["o2d/" + scenario.name] = FillError(fillers->o2d(), n, flat, flat, missing, 2);
  }
  return terms;
}

TEST_F(DistillationLossTest, AgreesWithEq7ByHand) {
  for (const FillerInput input : {FillerInput::kTeacher, FillerInput::kRearranged, FillerInput::kBoth}) {
    for (const int64_t copies : {-2, 0, 1, 2}) {  // below 0: that many virtual views
      DistillationOptions options;
      options.rotated_copies = std::abs(copies);
      options.rotation = copies < 0 ? CopyRotation::kVirtualView : CopyRotation::kAzimuth;
      options.input = input;
      const StepLoss loss = Compute(options);
      auto expected = TermsByHand(fillers_, teacher_, keypoints_, options);
      ASSERT_EQ(loss.terms.size(), 2 * Scenarios().size());
      double sum = 0;
      for (const auto& [name, value] : loss.terms) {
        ASSERT_TRUE(expected.contains(name)) << name;
        EXPECT_NEAR(value.item<double>(), expected[name], 1e-4 * std::max(1.0, expected[name]))
            << name << ", " << copies << " copies, input " << static_cast<int>(input);
        sum += expected[name];
      }
      EXPECT_NEAR(loss.total.item<double>(), sum, 1e-4 * sum);
    }
  }
}

TEST_F(DistillationLossTest, NoiseMovesWhatO3dSeesAlongItsRaysAndNotTheTarget) {
  DistillationOptions options;
  options.rotated_copies = 0;
  const StepLoss clean = Compute(options);
  options.depth_noise = 0.05;
  const StepLoss noisy = Compute(options);
  torch::manual_seed(kSeed);
  torch::Tensor depths = teacher_->Depths(keypoints_);
  depths = depths + 0.05 * torch::randn(depths.sizes());
  // Segments lie in the order of TinyLifters: legs first, then the torso.
  const Poses target = ToPlain(teacher_->LiftPose(LegsTorso(), keypoints_)), flat = ToPlain(keypoints_);
  Poses seen = target;
  for (int64_t b = 0; b < kBatch; ++b) {
    for (int joint = 1; joint < kJoints; ++joint) {
      const double depth = depths[joint <= 6 ? 0 : 1][b][joint].item<double>();
      for (int k = 0; k < 2; ++k) seen[b][joint][k] = flat[b][joint][k] * (10 + depth);
      seen[b][joint][2] = depth;
    }
  }
  for (size_t i = 0; i < Scenarios().size(); ++i) {
    const std::string& name = Scenarios()[i].name;
    const double expected =
        FillError(fillers_->o3d(), static_cast<int64_t>(i), seen, target, kMissing.at(name), 3);
    EXPECT_NEAR(noisy.terms[2 * i].second.item<double>(), expected, 1e-4 * std::max(1.0, expected)) << name;
    EXPECT_NE(noisy.terms[2 * i].second.item<double>(), clean.terms[2 * i].second.item<double>()) << name;
    EXPECT_EQ(noisy.terms[2 * i + 1].second.item<double>(), clean.terms[2 * i + 1].second.item<double>())
        << "O_2D sees keypoints";
  }
}

TEST_F(DistillationLossTest, TrainsEveryFillerAndNotTheTeacher) {
  Compute({}).total.backward();
  for (const auto& parameter : fillers_->named_parameters()) {
    ASSERT_TRUE(parameter->grad().defined()) << parameter.key();
    for (int64_t n = 0; n < parameter->grad().size(0); ++n)
      EXPECT_GT(parameter->grad()[n].abs().max().item<double>(), 0) << parameter.key() << " " << n;
  }
  for (const torch::Tensor& parameter : teacher_->parameters()) EXPECT_FALSE(parameter.grad().defined());
}

}  // namespace
}  // namespace links
