#include "links/loss/lifting_loss.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <map>
#include <numbers>

#include "flow/own_flow.h"
#include "lifter/plain_lifter.h"
#include "links/core/error.h"
#include "links/network/ensemble.h"
#include "support/copy_members.h"
#include "support/difference.h"
#include "support/plain_poses.h"
#include "support/tiny_networks.h"
#include "support/to_double.h"
#include "support/train.h"

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

// docs/method.md typed out: the lifters, and for each composed pose which of them gives joints 1 to 16, -1 =
// none.
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

using Names = std::vector<std::string>;

// Groups that learn side by side, in the order of their lifters.
const std::vector<Names> kTogether = {{"legs_torso"},
                                      {"left_right"},
                                      {"full"},
                                      {"legs_torso", "left_right"},
                                      {"legs_torso", "left_right", "full"}};

std::vector<Segment> SegmentsOf(const Names& groups) {
  std::vector<Segment> segments;
  for (const std::string& name : groups)
    for (const Part& part : kPlans.at(name).parts) segments.push_back(part.segment);
  return segments;
}

std::vector<LifterGroup> Groups(const Names& names) {
  std::vector<LifterGroup> groups;
  for (const std::string& name : names) groups.push_back(FindLifterGroup(name));
  return groups;
}

class LiftingLossTest : public testing::Test {
 protected:
  LiftingLossTest() { Freeze(*flows_); }

  // The groups' lifters alone, as they are among all.
  PoseLifters Only(const Names& groups) {
    const std::vector<Segment> segments = SegmentsOf(groups);
    PoseLifters some = TinyLifters(segments);
    std::vector<int64_t> members;
    for (Segment segment : segments) members.push_back(static_cast<int64_t>(segment));
    CopyMembers(*lifters_, members, *some);
    return some;
  }

  StepLoss Compute(const Names& groups, const LiftingLossOptions& options, PoseLifters& lifters) {
    torch::manual_seed(kSeed);
    return LiftingLoss(Groups(groups), options, Ratios())(lifters, flows_, keypoints_);
  }
  StepLoss Compute(const Names& groups, const LiftingLossOptions& options) {
    PoseLifters lifters = Only(groups);
    return Compute(groups, options, lifters);
  }

  PoseFlows flows_ = TinyFlows();
  PoseLifters lifters_ = TinyLifters({kSegments.begin(), kSegments.end()});
  torch::Tensor keypoints_ = RandomKeypoints(kBatch);
};

// Of an ensemble of two runs each has the loss and the gradients that it has alone.
TEST_F(LiftingLossTest, EachRunOfAnEnsembleHasItsOwnLoss) {
  const std::vector<Segment> segments = {Segment::kLegs, Segment::kTorso};
  LiftingLossOptions one = Weights(), two = Weights();
  two.likelihood = 1;
  two.bone = 4;
  const LifterOptions network{.width = 8, .blocks_per_branch = 1};
  torch::manual_seed(4);
  PoseFlows flows(kTinyFlow, false, segments, 0, /*runs=*/2);
  PoseLifters lifters(segments, network, false, /*runs=*/2);
  Freeze(*flows);
  const auto streams = [](std::vector<uint64_t> seeds) {
    RandomStreams own(static_cast<int64_t>(seeds.size()), torch::kCPU);
    for (size_t run = 0; run < seeds.size(); ++run) own.Seed(static_cast<int64_t>(run), seeds[run]);
    return own;
  };
  const torch::Tensor batches = torch::stack({keypoints_, keypoints_.flip(0)});
  const StepLoss together = LiftingLoss(Groups({"legs_torso"}), std::vector{one, two}, Ratios())(
      lifters, flows, batches, streams({1, 2}));
  ASSERT_EQ(together.total.sizes(), torch::IntArrayRef({2}));
  together.total.sum().backward();
  for (int64_t run = 0; run < 2; ++run) {
    PoseFlows own_flows(kTinyFlow, false, segments);
    PoseLifters own_lifters(segments, network, false);
    Freeze(*own_flows);
    CopyRun(*flows, run, *own_flows);
    CopyRun(*lifters, run, *own_lifters);
    const StepLoss alone = LiftingLoss(Groups({"legs_torso"}), run == 0 ? one : two, Ratios())(
        own_lifters, own_flows, batches[run], streams({static_cast<uint64_t>(run + 1)}));
    alone.total.backward();
    EXPECT_NEAR(together.total[run].item<double>(), alone.total.item<double>(),
                1e-4 * alone.total.item<double>());
    for (size_t t = 0; t < alone.terms.size(); ++t) {
      EXPECT_TRUE(together.terms[t].second[run].allclose(alone.terms[t].second, 1e-4, 1e-6))
          << alone.terms[t].first;
    }
    const auto stacked = lifters->named_parameters();
    for (const auto& item : own_lifters->named_parameters()) {
      EXPECT_TRUE(OfRun(stacked[item.key()].grad(), run).allclose(item.value().grad(), 1e-3, 1e-4))
          << item.key();
    }
  }
}

// 0 times an infinite slope is not a number: what is 0 in one run and not in another cannot be stacked.
TEST_F(LiftingLossTest, RunsOfAnEnsembleHaveTheSameTerms) {
  LiftingLossOptions with = Weights(), without = Weights();
  without.likelihood = 0;
  EXPECT_THROW(LiftingLoss(Groups({"legs_torso"}), std::vector{with, without}, Ratios()), Error);
}

// A term of weight 0 is not descended on, and where it is infinite it spoils nothing.
TEST_F(LiftingLossTest, ATermOfWeight0IsNotDescendedOn) {
  LiftingLossOptions without = Weights();
  without.likelihood = without.full_likelihood = 0;
  const auto gradients = [&] {
    PoseLifters lifters = Only({"legs_torso"});
    const StepLoss loss = Compute({"legs_torso"}, without, lifters);
    EXPECT_TRUE(loss.total.isfinite().item<bool>());
    loss.total.backward();
    std::vector<torch::Tensor> all;
    for (const torch::Tensor& parameter : lifters->parameters()) all.push_back(parameter.grad());
    return std::pair{all, loss.terms.front().second.isfinite().item<bool>()};
  };
  const auto [before, finite] = gradients();
  EXPECT_TRUE(finite);
  for (const auto& item : flows_->named_parameters()) {
    torch::Tensor parameter = item.value();
    if (item.key().ends_with("weight")) parameter.mul_(1e30);
  }
  const auto [after, still_finite] = gradients();
  EXPECT_FALSE(still_finite) << "the flow is broken";
  for (size_t i = 0; i < before.size(); ++i) EXPECT_TRUE(after[i].equal(before[i])) << i;
}

// The loss of one of several groups by hand: networks are asked for depths, angles and likelihoods, each by
// itself, all else is plain loops.
class ByHand {
 public:
  // group: its place among the groups that learn side by side, which it shares the draws with; segments: of
  // all their lifters.
  ByHand(const Plan& plan, int64_t group, int64_t groups, std::vector<Segment> segments, PoseLifters& lifters,
         PoseFlows& flows)
      : plan_(plan),
        group_(group),
        groups_(groups),
        segments_(std::move(segments)),
        lifters_(lifters),
        flows_(flows) {
    std::ranges::sort(segments_);
  }

  std::map<std::string, double> Terms(const Poses& keypoints, const LiftingLossOptions& options) {
    const size_t count = plan_.giver.size();
    std::vector<Poses> lifted, relifted, pose(count), rotated(count), view(count);
    Draw(options);
    const Poses given = Noisy(keypoints, first_noise_, options.input_noise);
    for (const Part& part : plan_.parts) lifted.push_back(LiftPart(part, given, keypoints));
    const std::vector<Matrix> rotations = Rotations(given, options);
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
      const auto place = std::ranges::find(segments_, part.segment) - segments_.begin();
      const torch::Tensor noise = options.input_noise > 0 ? second_noise_[place] : torch::Tensor();
      const Poses given_again = Noisy(view[part.view], noise, options.input_noise);
      relifted.push_back(LiftPart(part, given_again, view[part.view]));
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
    RealNvp flow = segment == Segment::kFull
                       ? flows_->full()
                       : OwnFlow(flows_->stack(), static_cast<int64_t>(segment), kTinyFlow);
    return flow->NegativeLogLikelihood(Columns(joints, view)).mean().item<double>();
  }

  PlainLifter LifterOf(const Part& part) const {
    return {*lifters_->stack(), static_cast<int64_t>(part.segment), part.joints, 1};
  }

  // noise: (B, 16, 2), of joints 1 to 16.
  static Poses Noisy(Poses keypoints, const torch::Tensor& noise, double deviation) {
    if (deviation == 0) return keypoints;
    for (size_t b = 0; b < keypoints.size(); ++b)
      for (int j = 1; j < 17; ++j)
        for (int k = 0; k < 2; ++k) keypoints[b][j][k] += deviation * noise[b][j - 1][k].item<double>();
    return keypoints;
  }

  // Eq. 1 for the joints of a part, with the depths that its lifter gives `given`; the others stay at the
  // origin.
  Poses LiftPart(const Part& part, const Poses& given, const Poses& keypoints) {
    const torch::Tensor depth = LifterOf(part).DepthOffset(ToTensor(given, 2));
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
      for (int j = 1; j < 17; ++j)
        if (plan_.giver[pose][j] >= 0) whole[b][j] = lifted[plan_.giver[pose][j]][b][j];
    return whole;
  }

  // All that is random, in its order: noise of the lifters' input, azimuths of all groups, elevations, noise
  // of each lifter's second input.
  void Draw(const LiftingLossOptions& options) {
    torch::manual_seed(kSeed);
    if (options.input_noise > 0) first_noise_ = torch::randn({kBatch, 16, 2});
    azimuth_ = torch::rand({groups_, kBatch})[group_];
    elevation_draw_ =
        (options.elevation == ElevationRotation::kFixed ? torch::rand({groups_, kBatch})
                                                        : torch::randn({groups_, kBatch}))[group_];
    if (options.input_noise > 0)
      second_noise_ = torch::randn({static_cast<int64_t>(segments_.size()), kBatch, 16, 2});
  }

  // R = Rx(a) Ry(b) Rx(elevation), a ~ -mean + std N(0, 1), b ~ U[-pi, pi].
  std::vector<Matrix> Rotations(const Poses& keypoints, const LiftingLossOptions& options) const {
    const size_t batch = keypoints.size();
    std::vector<double> elevation(batch);
    for (const Part& part : plan_.parts) {
      const torch::Tensor angle = LifterOf(part).Elevation(ToTensor(keypoints, 2));
      for (size_t b = 0; b < batch; ++b)
        elevation[b] += angle[b].item<double>() / static_cast<double>(plan_.parts.size());
    }
    double mean = 0, squares = 0;
    for (double angle : elevation) mean += angle / static_cast<double>(batch);
    for (double angle : elevation) squares += (angle - mean) * (angle - mean);
    const double deviation = std::sqrt(squares / static_cast<double>(batch - 1));
    std::vector<Matrix> rotations;
    for (size_t b = 0; b < batch; ++b) {
      const Matrix about_y = AboutY((2 * azimuth_[b].item<double>() - 1) * std::numbers::pi);
      const double draw = elevation_draw_[b].item<double>();
      if (options.elevation == ElevationRotation::kFixed) {
        rotations.push_back(Product(AboutX((2 * draw - 1) * options.elevation_range), about_y));
      } else {
        rotations.push_back(
            Product(Product(AboutX(-mean + deviation * draw), about_y), AboutX(elevation[b])));
      }
    }
    return rotations;
  }

  const Plan& plan_;
  int64_t group_, groups_;
  std::vector<Segment> segments_;  // of all lifters, in their order
  torch::Tensor first_noise_, azimuth_, elevation_draw_, second_noise_;
  PoseLifters& lifters_;
  PoseFlows& flows_;
};

double Near(double value) {
  return 2e-4 * std::max(1.0, std::abs(value));
}

double WeightedSum(std::map<std::string, double>& term) {
  return 2 * term["likelihood"] + 3 * term["full_likelihood"] + 5 * term["consistency_3d"] +
         7 * term["reprojection_2d"] + 11 * term["deformation"] + 13 * term["bone"] +
         17 * term["front_prior"];
}

TEST_F(LiftingLossTest, TermsOfEachGroupAgreeWithTheMethodByHand) {
  for (const Names& groups : kTogether) {
    for (const auto& [fixed, noise] : {std::pair{false, 0.0}, {false, 0.03}, {true, 0.03}}) {
      LiftingLossOptions options = Weights();
      options.elevation = fixed ? ElevationRotation::kFixed : ElevationRotation::kLearned;
      options.deformation_squared = fixed;
      options.input_noise = noise;
      const StepLoss loss = Compute(groups, options);
      std::map<std::string, double> expected;
      double total = 0;
      for (size_t g = 0; g < groups.size(); ++g) {
        auto terms = ByHand(kPlans.at(groups[g]), static_cast<int64_t>(g),
                            static_cast<int64_t>(groups.size()), SegmentsOf(groups), lifters_, flows_)
                         .Terms(ToPlain(keypoints_), options);
        total += WeightedSum(terms);
        for (const auto& [key, value] : terms) expected[groups[g] + "/" + key] = value;
      }
      size_t found = 0;
      for (const auto& [term, value] : loss.terms) {
        if (!expected.contains(term)) {
          EXPECT_EQ(value.item<double>(), 0) << term << " is off by default";
          continue;
        }
        ++found;
        // The front prior's own small addend to lengths is not in the plain loops.
        const double tolerance = term.ends_with("front_prior") ? 0.05 : Near(expected[term]);
        EXPECT_NEAR(value.item<double>(), expected[term], tolerance)
            << term << " of " << groups.size() << (fixed ? ", fixed elevation" : "");
        EXPECT_FALSE(value.requires_grad()) << term;
      }
      EXPECT_EQ(found, expected.size());
      EXPECT_NEAR(loss.total.item<double>(), total, 2 * 17 * 0.05 * static_cast<double>(groups.size()));
    }
  }
}

// The left and the right side of people of whom nothing else is seen, each its own people.
TEST_F(LiftingLossTest, PartsByThemselvesAgreeWithTheMethodByHand) {
  const Part left = {Segment::kLeft, {4, 5, 6, 7, 8, 9, 10, 11, 12, 13}, 0},
             right = {Segment::kRight, {1, 2, 3, 7, 8, 9, 10, 14, 15, 16}, 0};
  const std::vector<Plan> plans = {{{left}, {{-1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1}}},
                                   {{right}, {{-1, 0, 0, 0, -1, -1, -1, 0, 0, 0, 0, -1, -1, -1, 0, 0, 0}}}};
  std::vector<torch::Tensor> seen;
  for (size_t g = 0; g < 2; ++g) {
    torch::Tensor own = torch::zeros({kBatch, 17, 2});
    for (const int joint : plans[g].parts[0].joints)
      own.select(1, joint).copy_(RandomKeypoints(kBatch, 30 + g).select(1, joint));
    seen.push_back(own);
  }
  PoseLifters lifters = TinyLifters({Segment::kLeft, Segment::kRight});
  CopyMembers(*lifters_, {2, 3}, *lifters);
  const std::vector<double> shares = {0.25, 0.5};
  const LiftingLoss of_parts({SegmentAlone(Segment::kLeft), SegmentAlone(Segment::kRight)},
                             std::vector{Weights()}, Ratios(), shares);
  torch::manual_seed(kSeed);
  const StepLoss loss = of_parts(lifters, flows_, torch::stack(seen));
  std::map<std::string, double> found;
  for (const auto& [name, value] : loss.terms) found[name] = value.item<double>();
  double total = 0;
  for (size_t g = 0; g < 2; ++g) {
    auto terms =
        ByHand(plans[g], static_cast<int64_t>(g), 2, {Segment::kLeft, Segment::kRight}, lifters_, flows_)
            .Terms(ToPlain(seen[g]), Weights());
    const std::string part(SegmentName(plans[g].parts[0].segment));
    for (const char* name : {"likelihood", "consistency_3d", "reprojection_2d", "deformation"})
      EXPECT_NEAR(found.at(part + "/" + name), terms[name], Near(terms[name])) << part << " " << name;
    total += shares[g] * (2 * terms["likelihood"] + 5 * terms["consistency_3d"] +
                          7 * terms["reprojection_2d"] + 11 * terms["deformation"]);
  }
  EXPECT_EQ(found.size(), 8u) << "what needs the whole body is left out";
  EXPECT_NEAR(loss.total.item<double>(), total, Near(total));
  loss.total.backward();
  for (const auto& item : lifters->named_parameters()) {
    for (const int64_t n : {0, 1})
      EXPECT_GT(item.value().grad()[n].abs().max().item<double>(), 0) << item.key() << " " << n;
  }
}

TEST_F(LiftingLossTest, APartOfWeightZeroIsNeitherLearnedNorLogged) {
  PoseLifters lifters = TinyLifters({Segment::kLegs, Segment::kTorso});
  const LiftingLoss of_parts({SegmentAlone(Segment::kLegs), SegmentAlone(Segment::kTorso)},
                             std::vector{Weights()}, Ratios(), {0.5, 0});
  const StepLoss loss = of_parts(lifters, flows_, torch::stack({keypoints_, keypoints_}));
  for (const auto& [name, value] : loss.terms) EXPECT_TRUE(name.starts_with("legs/")) << name;
  loss.total.backward();
  for (const auto& item : lifters->named_parameters())
    EXPECT_EQ(item.value().grad()[1].abs().max().item<double>(), 0) << item.key();
}

TEST_F(LiftingLossTest, TotalIsTheWeightedSumOverTheGroups) {
  const StepLoss loss = Compute({"legs_torso", "left_right"}, Weights());
  std::map<std::string, std::map<std::string, double>> terms;
  for (const auto& [name, value] : loss.terms)
    terms[name.substr(0, name.find('/'))][name.substr(name.find('/') + 1)] = value.item<double>();
  ASSERT_EQ(terms.size(), 2u);
  double expected = 0;
  for (auto& [group, term] : terms) expected += WeightedSum(term);
  EXPECT_NEAR(loss.total.item<double>(), expected, Near(expected));
}

TEST_F(LiftingLossTest, TheOrderOfTheGroupsDoesNotMatter) {
  PoseLifters lifters = Only({"legs_torso", "left_right", "full"});
  const StepLoss one = Compute({"legs_torso", "left_right", "full"}, Weights(), lifters),
                 two = Compute({"full", "left_right", "legs_torso"}, Weights(), lifters);
  EXPECT_TRUE(one.total.equal(two.total));
  ASSERT_EQ(one.terms.size(), two.terms.size());
  for (size_t i = 0; i < one.terms.size(); ++i) EXPECT_EQ(one.terms[i].first, two.terms[i].first);
}

// No elevation, no azimuth: nothing is drawn that a group's loss could depend on.
LiftingLossOptions WithoutDraws() {
  LiftingLossOptions options = Weights();
  options.elevation = ElevationRotation::kFixed;
  options.elevation_range = options.azimuth_range = 0;
  return options;
}

TEST_F(LiftingLossTest, GroupsSideBySideHaveTheLossesAndGradientsOfEachByItself) {
  const Names all = {"legs_torso", "left_right", "full"};
  PoseLifters together = Only(all);
  const StepLoss loss = Compute(all, WithoutDraws(), together);
  loss.total.backward();
  double sum = 0;
  int64_t first = 0;
  for (const std::string& group : all) {
    PoseLifters own = Only({group});
    const StepLoss alone = Compute({group}, WithoutDraws(), own);
    alone.total.backward();
    sum += alone.total.item<double>();
    const auto count = static_cast<int64_t>(own->segments().size());
    for (const auto& item : own->named_parameters()) {
      if (!item.value().grad().defined()) continue;
      const torch::Tensor expected = item.value().grad(),
                          gradient = together->named_parameters()[item.key()].grad().narrow(0, first, count);
      EXPECT_LT(Difference(gradient, expected), 1e-4 * std::max(1.0, expected.abs().max().item<double>()))
          << group << " " << item.key();
    }
    first += count;
  }
  EXPECT_NEAR(loss.total.item<double>(), sum, Near(sum));
}

TEST_F(LiftingLossTest, GroupsTrainedSideBySideAreTrainedApart) {
  const Names all = {"legs_torso", "left_right"};
  ToDouble(*flows_);
  ToDouble(*lifters_);
  keypoints_ = keypoints_.to(torch::kFloat64);
  const auto trained = [&](const Names& groups) {
    PoseLifters lifters = Only(groups);
    ToDouble(*lifters);
    const LiftingLoss loss(Groups(groups), WithoutDraws(), Ratios().to(torch::kFloat64));
    Train(*lifters, 10, [&] { return loss(lifters, flows_, keypoints_).total; });
    return lifters;
  };
  PoseLifters together = trained(all);
  int64_t first = 0;
  for (const std::string& group : all) {
    PoseLifters own = trained({group});
    for (const auto& item : own->named_parameters()) {
      const torch::Tensor values = together->named_parameters()[item.key()].narrow(0, first, 2);
      EXPECT_LT(Difference(values, item.value()), 1e-5) << group << " " << item.key();
      const torch::Tensor start = Only({group})->named_parameters()[item.key()];
      const bool learns = item.key().find("elevation") == std::string::npos;
      EXPECT_TRUE(!learns || Difference(item.value(), start) > 0.01) << group << " " << item.key();
      EXPECT_TRUE(values.ne(0).logical_and(start.eq(0)).logical_not().all().item<bool>())
          << "the padding stays 0";
    }
    first += 2;
  }
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
  EXPECT_EQ(options.agreement, 0);
  EXPECT_EQ(options.input_noise, 0);
}

TEST_F(LiftingLossTest, TrainsBothPathsOfEveryLifterAndNoFlow) {
  for (const Names& groups : kTogether) {
    PoseLifters lifters = Only(groups);
    Compute(groups, LiftingLossOptions(), lifters).total.backward();
    for (const auto& parameter : lifters->named_parameters()) {
      ASSERT_TRUE(parameter->grad().defined()) << groups[0] << " " << parameter.key();
      for (int64_t n = 0; n < parameter->size(0); ++n) {
        EXPECT_GT(parameter->grad()[n].abs().max().item<double>(), 0)
            << groups[0] << " " << parameter.key() << " " << n;
      }
    }
    for (const torch::Tensor& parameter : flows_->parameters()) EXPECT_FALSE(parameter.grad().defined());
  }
}

TEST_F(LiftingLossTest, FixedElevationLeavesTheElevationPathAlone) {
  LiftingLossOptions options;
  options.elevation = ElevationRotation::kFixed;
  PoseLifters lifters = Only({"legs_torso"});
  Compute({"legs_torso"}, options, lifters).total.backward();
  for (const auto& parameter : lifters->named_parameters()) {
    EXPECT_EQ(parameter->grad().defined(), parameter.key().find("elevation") == std::string::npos)
        << parameter.key();
  }
}

TEST_F(LiftingLossTest, GradientAgreesWithFiniteDifferences) {
  const Names groups = {"legs_torso", "left_right"};
  PoseLifters lifters = Only(groups);
  ToDouble(*flows_);
  ToDouble(*lifters);
  keypoints_ = keypoints_.to(torch::kFloat64);
  const auto total = [&] {
    torch::manual_seed(kSeed);
    return LiftingLoss(Groups(groups), Weights(), Ratios().to(torch::kFloat64))(lifters, flows_, keypoints_)
        .total;
  };
  total().backward();
  for (const auto& parameter : lifters->named_parameters()) {
    for (const int64_t n : {0, 3}) {  // legs, right
      const torch::Tensor gradient = parameter->grad()[n].flatten();
      const int64_t i = gradient.abs().argmax().item<int64_t>();
      const torch::NoGradGuard no_grad;
      torch::Tensor weight = (*parameter)[n].view(-1)[i];
      constexpr double step = 1e-6;
      weight += step;
      const double above = total().item<double>();
      weight -= 2 * step;
      const double below = total().item<double>();
      weight += step;
      const double slope = (above - below) / (2 * step), expected = gradient[i].item<double>();
      EXPECT_NEAR(slope, expected, 1e-5 * std::abs(expected) + 1e-6) << parameter.key() << " " << n;
    }
  }
}

TEST(LifterGroup, RejectsAnUnknownName) {
  EXPECT_THROW(FindLifterGroup("arms"), Error);
}

}  // namespace
}  // namespace links
