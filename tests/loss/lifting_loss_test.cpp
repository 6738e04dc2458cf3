#include "links/loss/lifting_loss.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <map>
#include <numbers>

#include "links/core/error.h"
#include "support/plain_poses.h"
#include "support/tiny_networks.h"

namespace links {
namespace {

using namespace test;

constexpr uint64_t kSeed = 21;
constexpr int64_t kBatch = 6;

// A lifter of a group: its joints, and the pose whose view its flow judges and it lifts again.
struct Part {
  Segment segment;
  std::vector<int> joints;
  size_t view;
};

// Method sec. 4 typed out: the lifters, and for each composed pose which of them gives joints 1 to 16.
struct Plan {
  std::vector<Part> parts;
  std::vector<std::array<int, 17>> giver;
};

const std::map<std::string, Plan> kPlans = {
    {"legs_torso",
     {{{Segment::kLegs, {1, 2, 3, 4, 5, 6}, 0}, {Segment::kTorso, {7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 0}},
      {{0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}}}},
    {"left_right",
     {{{Segment::kLeft, {4, 5, 6, 7, 8, 9, 10, 11, 12, 13}, 0},
       {Segment::kRight, {1, 2, 3, 7, 8, 9, 10, 14, 15, 16}, 1}},
      {{0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1},
       {0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1}}}},
    {"full",
     {{{Segment::kFull, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 0}},
      {std::array<int, 17>{}}}}};

// Weights that no mix-up of terms could hide.
LiftingLossOptions Weights() {
  LiftingLossOptions options;
  options.likelihood = 2;
  options.full_likelihood = 3;
  options.consistency_3d = 5;
  options.reprojection_2d = 7;
  options.deformation = 11;
  options.bone = 13;
  options.front_prior = 17;
  return options;
}

torch::Tensor Ratios() {
  return torch::tensor(std::vector<double>(kHuman36mBoneRatios.begin(), kHuman36mBoneRatios.end()))
      .to(torch::kFloat32);
}

class LiftingLossTest : public testing::Test {
 protected:
  LiftingLossTest() { Freeze(*flows_); }

  StepLoss Compute(const std::string& group, const LiftingLossOptions& options) {
    torch::manual_seed(kSeed);
    return LiftingLoss(MakeLifterGroup(group), options, Ratios())(lifters_, flows_, keypoints_);
  }

  PoseFlows flows_ = TinyFlows();
  PoseLifters lifters_ = TinyLifters({kSegments.begin(), kSegments.end()});
  torch::Tensor keypoints_ = RandomKeypoints(kBatch);
};

// The same loss by hand: networks are asked for depths, angles and likelihoods, all else is plain loops.
class ByHand {
 public:
  ByHand(const Plan& plan, PoseLifters& lifters, PoseFlows& flows)
      : plan_(plan), lifters_(lifters), flows_(flows) {}

  std::map<std::string, double> Terms(const Poses& keypoints, const LiftingLossOptions& options) {
    const size_t count = plan_.giver.size();
    std::vector<Poses> lifted, relifted, pose(count), rotated(count), view(count);
    for (const Part& part : plan_.parts) lifted.push_back(LiftPart(part, keypoints));
    const std::vector<Matrix> rotations = Rotations(keypoints, options);
    for (size_t p = 0; p < count; ++p) {
      pose[p] = Assemble(p, lifted);
      for (size_t b = 0; b < keypoints.size(); ++b) {
        rotated[p].push_back(Turned(rotations[b], pose[p][b]));
        view[p].push_back(Seen(rotated[p][b]));
      }
    }
    std::map<std::string, double> terms;
    for (const Part& part : plan_.parts) {
      terms["likelihood"] += Likelihood(part.segment, part.joints, view[part.view]);
      relifted.push_back(LiftPart(part, view[part.view]));
    }
    for (size_t p = 0; p < count; ++p) {
      const Poses again = Assemble(p, relifted);
      Poses back;
      for (size_t b = 0; b < keypoints.size(); ++b)
        back.push_back(Turned(Transposed(rotations[b]), again[b]));
      terms["consistency_3d"] += PlainConsistency3d(rotated[p], again);
      terms["reprojection_2d"] += PlainReprojection2d(back, keypoints);
      terms["deformation"] += PlainDeformation(pose[p], back, options.deformation_squared);
      terms["bone"] += PlainBoneLengths(pose[p], kHuman36mBoneRatios);
      terms["front_prior"] +=
          PlainFrontPrior(pose[p], options.front_margins.knee, options.front_margins.facing);
      terms["full_likelihood"] += Likelihood(Segment::kFull, kPlans.at("full").parts[0].joints, view[p]);
    }
    return terms;
  }

 private:
  // (B, 2 J): all x, then all y.
  static torch::Tensor Columns(const std::vector<int>& joints, const Poses& keypoints) {
    torch::Tensor columns =
        torch::empty({static_cast<int64_t>(keypoints.size()), 2 * static_cast<int64_t>(joints.size())});
    for (size_t b = 0; b < keypoints.size(); ++b)
      for (size_t j = 0; j < joints.size(); ++j)
        for (size_t k = 0; k < 2; ++k) columns[b][k * joints.size() + j] = keypoints[b][joints[j]][k];
    return columns;
  }

  double Likelihood(Segment segment, const std::vector<int>& joints, const Poses& view) {
    return flows_->flow(segment)->NegativeLogLikelihood(Columns(joints, view)).mean().item<double>();
  }

  // Eq. 1 for the joints of a part; the others stay at the origin.
  Poses LiftPart(const Part& part, const Poses& keypoints) {
    SegmentLifter& lifter = lifters_->lifter(part.segment);
    const torch::Tensor depth = lifter->DepthOffset(lifter->Shared(Columns(part.joints, keypoints)));
    Poses lifted(keypoints.size());
    for (size_t b = 0; b < keypoints.size(); ++b) {
      for (size_t j = 0; j < part.joints.size(); ++j) {
        const double z = std::max(1.0, depth[b][j].item<double>() + 10);
        const Point& seen = keypoints[b][part.joints[j]];
        lifted[b][part.joints[j]] = {seen[0] * z, seen[1] * z, z - 10};
      }
    }
    return lifted;
  }

  Poses Assemble(size_t pose, const std::vector<Poses>& lifted) const {
    Poses whole(lifted[0].size());
    for (size_t b = 0; b < whole.size(); ++b)
      for (int j = 1; j < 17; ++j) whole[b][j] = lifted[plan_.giver[pose][j]][b][j];
    return whole;
  }

  // R = Rx(a) Ry(b) Rx(elevation), a ~ -mean + std N(0, 1), b ~ U[-pi, pi]; azimuths are drawn first.
  std::vector<Matrix> Rotations(const Poses& keypoints, const LiftingLossOptions& options) {
    const size_t batch = keypoints.size();
    torch::manual_seed(kSeed);
    const torch::Tensor azimuth = torch::rand({kBatch});
    const torch::Tensor noise = options.elevation == "fixed" ? torch::rand({kBatch}) : torch::randn({kBatch});
    std::vector<double> elevation(batch);
    for (const Part& part : plan_.parts) {
      SegmentLifter& lifter = lifters_->lifter(part.segment);
      const torch::Tensor angle = lifter->Elevation(lifter->Shared(Columns(part.joints, keypoints)));
      for (size_t b = 0; b < batch; ++b)
        elevation[b] += angle[b].item<double>() / static_cast<double>(plan_.parts.size());
    }
    double mean = 0, squares = 0;
    for (double angle : elevation) mean += angle / static_cast<double>(batch);
    for (double angle : elevation) squares += (angle - mean) * (angle - mean);
    const double deviation = std::sqrt(squares / static_cast<double>(batch - 1));
    std::vector<Matrix> rotations;
    for (size_t b = 0; b < batch; ++b) {
      const Matrix about_y = AboutY((2 * azimuth[b].item<double>() - 1) * std::numbers::pi);
      const double draw = noise[b].item<double>();
      if (options.elevation == "fixed") {
        rotations.push_back(Product(AboutX((2 * draw - 1) * options.elevation_range), about_y));
      } else {
        rotations.push_back(
            Product(Product(AboutX(-mean + deviation * draw), about_y), AboutX(elevation[b])));
      }
    }
    return rotations;
  }

  const Plan& plan_;
  PoseLifters& lifters_;
  PoseFlows& flows_;
};

double Near(double value) {
  return 2e-4 * std::max(1.0, std::abs(value));
}

TEST_F(LiftingLossTest, TermsAgreeWithTheMethodByHand) {
  for (const auto& [name, plan] : kPlans) {
    for (const bool fixed : {false, true}) {
      LiftingLossOptions options = Weights();
      options.elevation = fixed ? "fixed" : "learned";
      options.deformation_squared = fixed;
      const StepLoss loss = Compute(name, options);
      auto expected = ByHand(plan, lifters_, flows_).Terms(ToPlain(keypoints_), options);
      ASSERT_EQ(loss.terms.size(), expected.size());
      for (const auto& [term, value] : loss.terms) {
        ASSERT_TRUE(term.starts_with(name + "/"));
        const std::string key = term.substr(name.size() + 1);
        ASSERT_TRUE(expected.contains(key)) << term;
        // The front prior's own small addend to lengths is not in the plain loops.
        const double tolerance = key == "front_prior" ? 0.05 : Near(expected[key]);
        EXPECT_NEAR(value.item<double>(), expected[key], tolerance)
            << term << (fixed ? ", fixed elevation" : "");
        EXPECT_FALSE(value.requires_grad()) << term;
      }
    }
  }
}

TEST_F(LiftingLossTest, TotalIsTheWeightedSum) {
  const StepLoss loss = Compute("left_right", Weights());
  std::map<std::string, double> term;
  for (const auto& [name, value] : loss.terms) term[name.substr(name.find('/') + 1)] = value.item<double>();
  const double expected = 2 * term["likelihood"] + 3 * term["full_likelihood"] + 5 * term["consistency_3d"] +
                          7 * term["reprojection_2d"] + 11 * term["deformation"] + 13 * term["bone"] +
                          17 * term["front_prior"];
  EXPECT_NEAR(loss.total.item<double>(), expected, Near(expected));
}

TEST_F(LiftingLossTest, DefaultsAreThePapersWeights) {
  const LiftingLossOptions options;
  EXPECT_EQ(options.bone, 50);
  for (double weight :
       {options.likelihood, options.reprojection_2d, options.consistency_3d, options.deformation}) {
    EXPECT_EQ(weight, 1);
  }
  EXPECT_EQ(options.full_likelihood, 0);
  EXPECT_EQ(options.front_prior, 0);
}

TEST_F(LiftingLossTest, TrainsBothPathsOfTheGroupsLiftersAndNoFlow) {
  for (const auto& [name, plan] : kPlans) {
    lifters_->zero_grad();
    Compute(name, LiftingLossOptions()).total.backward();
    for (const Part& part : plan.parts) {
      for (const auto& parameter : lifters_->lifter(part.segment)->named_parameters()) {
        ASSERT_TRUE(parameter->grad().defined()) << name << " " << parameter.key();
        EXPECT_GT(parameter->grad().abs().max().item<double>(), 0) << name << " " << parameter.key();
      }
    }
    for (const torch::Tensor& parameter : flows_->parameters()) EXPECT_FALSE(parameter.grad().defined());
  }
}

TEST_F(LiftingLossTest, FixedElevationLeavesTheElevationPathAlone) {
  LiftingLossOptions options;
  options.elevation = "fixed";
  Compute("legs_torso", options).total.backward();
  for (const auto& parameter : lifters_->lifter(Segment::kLegs)->named_parameters()) {
    EXPECT_EQ(parameter->grad().defined(), parameter.key().find("elevation") == std::string::npos)
        << parameter.key();
  }
}

// Module::to would also convert the joints' numbers.
void ToDouble(torch::nn::Module& module) {
  for (torch::Tensor& parameter : module.parameters()) parameter.set_data(parameter.to(torch::kFloat64));
  for (torch::Tensor& buffer : module.buffers()) {
    if (buffer.is_floating_point()) buffer.set_data(buffer.to(torch::kFloat64));
  }
}

TEST_F(LiftingLossTest, GradientAgreesWithFiniteDifferences) {
  ToDouble(*flows_);
  ToDouble(*lifters_);
  keypoints_ = keypoints_.to(torch::kFloat64);
  const auto total = [&] {
    torch::manual_seed(kSeed);
    return LiftingLoss(MakeLifterGroup("left_right"), Weights(), Ratios().to(torch::kFloat64))(
               lifters_, flows_, keypoints_)
        .total;
  };
  total().backward();
  for (const auto& parameter : lifters_->lifter(Segment::kRight)->named_parameters()) {
    const torch::Tensor gradient = parameter->grad().flatten();
    const int64_t i = gradient.abs().argmax().item<int64_t>();
    const torch::NoGradGuard no_grad;
    torch::Tensor weight = parameter->view(-1)[i];
    constexpr double step = 1e-6;
    weight += step;
    const double above = total().item<double>();
    weight -= 2 * step;
    const double below = total().item<double>();
    weight += step;
    const double slope = (above - below) / (2 * step), expected = gradient[i].item<double>();
    EXPECT_NEAR(slope, expected, 1e-5 * std::abs(expected) + 1e-6) << parameter.key();
  }
}

TEST(LifterGroup, RejectsAnUnknownName) {
  EXPECT_THROW(MakeLifterGroup("arms"), Error);
}

}  // namespace
}  // namespace links
