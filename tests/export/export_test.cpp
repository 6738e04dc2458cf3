#include "links/export/export.h"

#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <fstream>
#include <random>
#include <sstream>

#include "inference/tiny_estimator.h"
#include "links/core/error.h"
#include "links/inference/pose_estimator.h"
#include "links/occlusion/pattern.h"
#include "links/skeleton/units.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::HasSubstr;

constexpr int64_t kPoses = 1000;

// What a file gives for inputs, by the outputs' names.
class Opened {
 public:
  explicit Opened(const std::string& path) {
    torch::jit::ExtraFilesMap files = {{"outputs", ""}, {"states", ""}, {"network", ""}};
    module_ = torch::jit::load(path, torch::kCPU, files);
    texts_ = files;
  }

  std::map<std::string, torch::Tensor> operator()(const std::vector<torch::Tensor>& inputs) {
    const auto outputs =
        module_.forward(std::vector<torch::jit::IValue>(inputs.begin(), inputs.end())).toTuple();
    std::map<std::string, torch::Tensor> named;
    std::istringstream names(texts_.at("outputs"));
    for (const auto& output : outputs->elements()) {
      std::string name;
      std::getline(names >> std::ws, name, ',');
      named[name] = output.toTensor();
    }
    return named;
  }

  const std::string& text(const std::string& name) { return texts_.at(name); }

 private:
  torch::jit::Module module_;
  torch::jit::ExtraFilesMap texts_;
};

// Poses with every pattern of gaps: each joint alone, each pair, then any number anywhere; some of them in
// another place and of another size.
std::vector<DetectedPerson> PeopleWithGaps() {
  const PoseData poses = Synthesize({.poses = kPoses, .seed = 5});
  std::vector<OcclusionPattern> patterns = {{"none", {}}};
  for (const auto& more : {SingleJointPatterns(), PairPatterns()})
    patterns.insert(patterns.end(), more.begin(), more.end());
  for (const Scenario& scenario : Scenarios()) patterns.push_back({scenario.name, scenario.missing});
  std::mt19937 random(3);
  std::vector<DetectedPerson> people;
  for (int64_t row = 0; row < kPoses; ++row) {
    std::vector<int> missing;
    if (static_cast<size_t>(row) < patterns.size()) {
      missing = patterns[static_cast<size_t>(row)].missing;
    } else {
      const uint32_t one_of = 1 + random() % 6;
      for (int joint = 0; joint < kJoints; ++joint) {
        if (random() % one_of == 0) missing.push_back(joint);
      }
    }
    DetectedPerson person = test::Person(poses, row, missing);
    const float size = .3f + .002f * static_cast<float>(row), x = static_cast<float>(row % 97);
    for (int i = 0; i < 2 * kJoints; ++i) {
      if (person.seen[i / 2]) person.px[i] = size * person.px[i] + x;
    }
    people.push_back(person);
  }
  return people;
}

struct Inputs {
  torch::Tensor keypoints, confidence;
};

Inputs InputsOf(const std::vector<DetectedPerson>& people) {
  const auto count = static_cast<int64_t>(people.size());
  Inputs inputs = {torch::zeros({count, kJoints, 2}), torch::zeros({count, kJoints})};
  for (int64_t i = 0; i < count; ++i) {
    const DetectedPerson& person = people[static_cast<size_t>(i)];
    std::copy_n(person.px.begin(), 2 * kJoints, inputs.keypoints[i].data_ptr<float>());
    std::copy_n(person.confidence.begin(), kJoints, inputs.confidence[i].data_ptr<float>());
  }
  return inputs;
}

// A run with trained-looking lifters of every segment, and a deviation of the inputs.
TrainedRun RunWith(WholePose whole_pose) {
  RunConfig config;
  config.flows.network = {.blocks = 2, .width = 8};
  config.lifters.network = {.width = 8, .blocks_per_branch = 2};
  config.lifters.groups = {"legs_torso", "left_right", "full"};
  config.lifters.whole_pose = whole_pose;
  config.completion.network = {.width = 16, .blocks = 2, .root_width = 8};
  TrainedRun tiny = test::TinyTrainedRun();
  TrainedRun run{config, tiny.normalisation,
                 Networks(config, torch::kCPU, {kFullFlow, kSegmentFlows, kLifters, kCompletion})};
  const PoseData poses = test::SyntheticPoses();
  run.networks.completion->Fit(RootCentredJoints(poses) / run.normalisation.mm_per_unit,
                               run.normalisation.Keypoints(poses));
  run.has_flows = run.has_segment_flows = run.has_lifters = run.has_completion = true;
  return run;
}

double LargestDifference(const torch::Tensor& a, const torch::Tensor& b) {
  EXPECT_TRUE(a.isnan().equal(b.isnan()));
  return (a - b).nan_to_num().abs().max().item<double>();
}

class ExportTest : public testing::Test {
 protected:
  Opened Export(TrainedRun& run, ExportOptions options) {
    options.format = ExportFormat::kTorchScript;
    ExportNetwork(run, options, path_);
    return Opened(path_);
  }

  const torch::NoGradGuard no_grad_;
  TemporaryFolder folder_;
  std::string path_ = folder_ / "network.pt";
};

TEST_F(ExportTest, TheCompletionIsWhatLiftDoesWithOnePose) {
  const std::vector<DetectedPerson> people = PeopleWithGaps();
  std::vector<DetectedFrame> frames;
  for (const DetectedPerson& person : people)
    frames.push_back(test::Frame(static_cast<int64_t>(frames.size()), {person}));
  const Inputs inputs = InputsOf(people);
  const std::vector<std::pair<WholePose, bool>> cases = {{WholePose::kLegsTorso, false},
                                                         {WholePose::kLegsTorso, true},
                                                         {WholePose::kFull, false},
                                                         {WholePose::kMean, false},
                                                         {WholePose::kMeanFull, false}};
  for (const auto& [whole, training_scale] : cases) {
    TrainedRun run = RunWith(whole);
    auto found = Export(run, {.training_scale = training_scale})({inputs.keypoints, inputs.confidence});
    PoseEstimator estimator(std::move(run), {.training_scale = training_scale});
    const std::vector<LiftedFrame> lifted = estimator.Estimate(frames);
    int usable = 0, guessed = 0;
    double root_apart = 0;
    for (int64_t i = 0; i < kPoses; ++i) {
      const LiftedPerson& person = lifted[static_cast<size_t>(i)].people[0];
      const torch::Tensor joints = found["joints"][i].to(torch::kFloat64).contiguous();
      const torch::Tensor states = found["states"][i];
      if (!person.unusable.empty()) {
        EXPECT_TRUE(joints.isnan().all().item<bool>()) << i;
        EXPECT_TRUE(states.eq(-1).all().item<bool>()) << i;
        EXPECT_TRUE(std::isnan(found["scale_px"][i].item<double>()));
        continue;
      }
      ++usable;
      for (int k = 0; k < 3 * kJoints; ++k)
        EXPECT_NEAR(joints.data_ptr<double>()[k], person.joints[k], 1e-5) << i;
      for (int joint = 0; joint < kJoints; ++joint) {
        EXPECT_EQ(states[joint].item<int64_t>(), static_cast<int64_t>(person.states[joint])) << i;
        guessed += person.states[joint] == JointState::kGuessed;
      }
      EXPECT_NEAR(found["scale_px"][i].item<double>() / person.scale_px, 1, 1e-6);
      for (int k = 0; k < 2; ++k) {
        root_apart =
            std::max(root_apart, std::abs(found["root_px"][i][k].item<double>() - person.root_px[k]));
      }
    }
    EXPECT_LT(root_apart, 1e-2);
    EXPECT_GT(usable, 800);
    EXPECT_LT(usable, kPoses);
    EXPECT_GT(guessed, 1000);
  }
}

TEST_F(ExportTest, TheLifterGivesTheJointsOfWholeSegmentsAndNoOther) {
  const std::vector<DetectedPerson> people = PeopleWithGaps();
  const Inputs inputs = InputsOf(people);
  TrainedRun run = RunWith(WholePose::kMean);
  auto found = Export(run, {.network = ExportedNetwork::kLifter})({inputs.keypoints, inputs.confidence});
  int whole = 0, parts = 0;
  for (int64_t i = 0; i < kPoses; ++i) {
    const DetectedPerson& person = people[static_cast<size_t>(i)];
    const BodyScale scale = ScalesOf(run.networks.completion).Of(person, i);
    torch::Tensor keypoints =
        ToUnits(inputs.keypoints[i] - inputs.keypoints[i][kRoot], scale.head_root_px).unsqueeze(0);
    const torch::Tensor seen =
        torch::tensor(std::vector<int>(person.seen.begin(), person.seen.end())).to(torch::kBool).unsqueeze(0);
    const SeenPoses expected = LiftSeen(run.networks.lifters, keypoints, seen);
    const bool any = person.seen[kRoot] && expected.lifted.sum().item<int64_t>() > 1;
    const torch::Tensor nan = torch::full({1}, std::nan(""));
    const torch::Tensor joints =
        torch::where(expected.lifted.unsqueeze(-1).logical_and(torch::tensor(any)), expected.joints, nan)[0];
    EXPECT_LT(LargestDifference(found["joints"][i], joints), 1e-5) << i;
    for (int joint = 0; joint < kJoints; ++joint) {
      const JointState state = !person.seen[joint]                      ? JointState::kGuessed
                               : expected.lifted[0][joint].item<bool>() ? JointState::kLifted
                                                                        : JointState::kRay;
      EXPECT_EQ(found["states"][i][joint].item<int64_t>(), any ? static_cast<int64_t>(state) : -1);
    }
    whole += seen.all().item<bool>();
    parts += any && !seen.all().item<bool>();
  }
  EXPECT_GT(whole, 0);
  EXPECT_GT(parts, 50);
}

TEST_F(ExportTest, ALifterOfARunWithoutCompletionTakesTheTrainingScale) {
  TrainedRun run = RunWith(WholePose::kLegsTorso);
  run.has_completion = false;
  EXPECT_THROW(Export(run, {.network = ExportedNetwork::kCompletion, .training_scale = true}), Error);
  EXPECT_THROW(Export(run, {.network = ExportedNetwork::kLifter}), Error);
  const Inputs inputs = InputsOf({PeopleWithGaps()[0]});
  auto found = Export(run, {.network = ExportedNetwork::kLifter, .training_scale = true})(
      {inputs.keypoints, inputs.confidence});
  const torch::Tensor keypoints =
      ToUnits(inputs.keypoints - inputs.keypoints.narrow(1, kRoot, 1), run.normalisation.head_root_px);
  EXPECT_LT(LargestDifference(found["joints"],
                              run.networks.lifters->LiftMean(run.networks.lifters->OfWholePose(), keypoints)),
            1e-5);
}

TEST_F(ExportTest, WhatIsNotThereMayHoldAnything) {
  TrainedRun run = RunWith(WholePose::kLegsTorso);
  Opened network = Export(run, {.min_confidence = .3});
  Inputs inputs = InputsOf({PeopleWithGaps()[0]});
  Inputs hidden = {inputs.keypoints.clone(), inputs.confidence.clone()};
  hidden.confidence[0][kLWrist] = 0;
  const torch::Tensor expected = network({hidden.keypoints, hidden.confidence})["joints"];
  const auto expect_same = [&](const Inputs& with, const std::string& what) {
    auto found = network({with.keypoints, with.confidence});
    EXPECT_EQ(LargestDifference(found["joints"], expected), 0) << what;
    EXPECT_EQ(found["states"][0][kLWrist].item<int64_t>(), static_cast<int64_t>(JointState::kGuessed));
  };
  for (const double number : {std::nan(""), std::numeric_limits<double>::infinity(), 0.}) {
    Inputs with = {inputs.keypoints.clone(), inputs.confidence.clone()};
    with.keypoints[0][kLWrist].fill_(number);
    expect_same(with, Concat("keypoint ", number));
    if (number == 0) continue;
    with = {inputs.keypoints.clone(), inputs.confidence.clone()};
    with.confidence[0][kLWrist] = number > 0 ? .2 : number;
    expect_same(with, Concat("confidence ", with.confidence[0][kLWrist].item<double>()));
  }
  EXPECT_GT(LargestDifference(network({inputs.keypoints, inputs.confidence})["joints"], expected), 1e-4);
}

TEST_F(ExportTest, FlowsGiveTheLikelihoodAndTheirInverseThePose) {
  struct Case {
    Segment segment;
    FlowOptions flow;
    bool include_root;
    int64_t pca;
  };
  const std::vector<Case> cases = {
      {Segment::kFull, {.blocks = 3, .width = 8}, false, 0},
      {Segment::kFull, {.blocks = 2, .width = 8, .standardise = true}, true, 26},
      {Segment::kLegs, {.blocks = 2, .width = 8, .hidden_layers = 2}, false, 0},
      {Segment::kRight,
       {.blocks = 2, .width = 8, .clamp = 1.5, .clamp_variant = ClampVariant::kTanh},
       true,
       0},
      {Segment::kTorso, {.blocks = 2, .width = 8, .standardise = true}, true, 0}};
  for (const Case& one : cases) {
    TrainedRun run = RunWith(WholePose::kLegsTorso);
    run.config.flows.network = one.flow;
    run.config.include_root = one.include_root;
    run.config.flows.full_pca = one.pca;
    run.networks.flows = Networks(run.config, torch::kCPU, {kFullFlow, kSegmentFlows}).flows;
    const PoseData poses = test::SyntheticPoses();
    run.networks.flows->FitFull(run.normalisation.Keypoints(poses));
    run.networks.flows->FitSegments(run.normalisation.Keypoints(poses));
    torch::manual_seed(4);
    for (torch::Tensor& parameter : run.networks.flows->parameters())
      parameter.mul_(1 + .1 * torch::randn(parameter.sizes()));  // ActNorms that are not 1

    const std::vector<DetectedPerson> people = PeopleWithGaps();
    const Inputs inputs = InputsOf(people);
    ExportOptions options = {
        .network = ExportedNetwork::kFlow, .training_scale = true, .segment = one.segment};
    auto found = Export(run, options)({inputs.keypoints, inputs.confidence});
    const torch::Tensor keypoints =
        ToUnits(inputs.keypoints - inputs.keypoints.narrow(1, kRoot, 1), run.normalisation.head_root_px);
    const torch::Tensor nats = -run.networks.flows->NegativeLogLikelihood({one.segment}, keypoints)[0];
    torch::Tensor usable = torch::ones({kPoses}, torch::kBool);
    for (int64_t i = 0; i < kPoses; ++i) {
      for (const int joint : NeededJoints(one.segment))
        usable[i] = usable[i].logical_and(torch::tensor(people[static_cast<size_t>(i)].seen[joint]));
    }
    const torch::Tensor expected = torch::where(usable, nats, torch::full({}, std::nan("")));
    EXPECT_LT(LargestDifference(found["log_likelihood"] / 100, expected / 100), 1e-5);
    EXPECT_GT(usable.sum().item<int64_t>(), 5);
    EXPECT_LT(usable.sum().item<int64_t>(), kPoses);

    options.network = ExportedNetwork::kFlowInverse;
    auto back = Export(run, options)({found["latent"], found["root_px"], found["scale_px"]});
    auto again =
        Export(run, {.network = ExportedNetwork::kFlow, .training_scale = true, .segment = one.segment})(
            {back["keypoints"], inputs.confidence});
    EXPECT_LT(LargestDifference(again["latent"], found["latent"]), 2e-3);
    if (one.pca > 0) continue;  // what the components leave out does not come back
    for (const int joint : NeededJoints(one.segment)) {
      const torch::Tensor apart =
          (back["keypoints"] - inputs.keypoints).select(1, joint).index({usable}).abs().max();
      EXPECT_LT(apart.item<double>(), 2e-2) << joint;
    }
  }
}

TEST_F(ExportTest, AFlowThatWasNotTrainedIsRefused) {
  TrainedRun run = RunWith(WholePose::kLegsTorso);
  run.has_segment_flows = false;
  EXPECT_THROW(Export(run, {.network = ExportedNetwork::kFlow, .segment = Segment::kLegs}), Error);
  run.has_flows = false;
  EXPECT_THROW(Export(run, {.network = ExportedNetwork::kFlow}), Error);
}

TEST_F(ExportTest, TheFileHoldsNoMoreThanWeightsCodeAndTexts) {
  TrainedRun run = RunWith(WholePose::kLegsTorso);
  Opened network = Export(run, {});
  EXPECT_EQ(network.text("network"), "completion");
  EXPECT_EQ(network.text("states"), "0 lifted, 1 ray, 2 guessed, -1 no pose");
  std::ifstream file(path_, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  EXPECT_THAT(bytes.str(), testing::Not(HasSubstr(LINKS_SOURCE_DIR)));
}

TEST_F(ExportTest, OnnxIsCheckedOrRefusedInASentence) {
  TrainedRun run = RunWith(WholePose::kMeanFull);
  for (const ExportedNetwork network : {ExportedNetwork::kLifter, ExportedNetwork::kCompletion,
                                        ExportedNetwork::kFlow, ExportedNetwork::kFlowInverse}) {
    const ExportOptions options = {.network = network, .format = ExportFormat::kOnnx};
    if (!CanExportOnnx()) {
      EXPECT_THROW(ExportNetwork(run, options, path_), Error);
      continue;
    }
    ExportNetwork(run, options, path_);  // ONNX's checker has looked at it
    std::ifstream file(path_, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    EXPECT_THAT(bytes.str(), HasSubstr("joint_names"));
    ExportNetwork(run, options, path_ + "2");
    std::ifstream second(path_ + "2", std::ios::binary);
    std::ostringstream same;
    same << second.rdbuf();
    EXPECT_TRUE(bytes.str() == same.str());
  }
}

}  // namespace
}  // namespace links
