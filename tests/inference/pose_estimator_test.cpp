#include "links/inference/pose_estimator.h"

#include <gmock/gmock.h>

#include <cmath>

#include "support/temporary_folder.h"
#include "tiny_estimator.h"

namespace links {
namespace {

using test::Apart;
using test::Frame;
using test::FramesWithGaps;
using test::Person;
using testing::HasSubstr;

class PoseEstimatorTest : public testing::Test {
 protected:
  static LiftedPerson One(const DetectedPerson& person, const EstimatorOptions& options = {}) {
    return PoseEstimator(test::TinyTrainedRun(), options).Estimate({Frame(0, {person})})[0].people[0];
  }

  PoseData poses_ = test::SyntheticPoses();
};

TEST_F(PoseEstimatorTest, EverySeenJointProjectsOntoItsKeypoint) {
  PoseEstimator estimator(test::TinyTrainedRun(), {});
  int checked = 0;
  const auto detected = FramesWithGaps(poses_, 64);
  const auto lifted = estimator.Estimate(detected);
  for (size_t i = 0; i < lifted.size(); ++i) {
    const LiftedPerson& person = lifted[i].people.at(0);
    ASSERT_EQ(person.unusable, "");
    for (int joint = 0; joint < kJoints; ++joint) {
      EXPECT_EQ(person.states[joint] != JointState::kGuessed, detected[i].people[0].seen[joint]);
      if (!detected[i].people[0].seen[joint]) continue;
      for (int k = 0; k < 2; ++k) {
        const double unit = 10 * person.scale_px;  // pixels of a normalised unit
        const double input = (detected[i].people[0].px[2 * joint + k] - person.root_px[k]) / unit;
        EXPECT_NEAR(person.joints[3 * joint + k] / (person.joints[3 * joint + 2] + 10), input, 1e-4);
        ++checked;
      }
    }
    for (int k = 0; k < 3; ++k) EXPECT_EQ(person.joints[k], 0);
  }
  EXPECT_GT(checked, 1000);
}

TEST_F(PoseEstimatorTest, StatesAndLiftersSayWhatWasDone) {
  struct Case {
    std::vector<int> missing;
    std::string lifters;
    std::vector<int> rays;
  };
  const std::vector<Case> cases = {{{}, "legs+torso", {}},
                                   {{kHip}, "legs+torso", {}},
                                   {{kLWrist}, "legs+right", {kLShoulder, kLElbow}},
                                   {{kRAnkle}, "torso+left", {kRHip, kRKnee}},
                                   {{kLWrist, kRAnkle}, "", {1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16}},
                                   {{kHead}, "legs", {7, 8, 10, 11, 12, 13, 14, 15, 16}}};
  for (const Case& one : cases) {
    const LiftedPerson person = One(Person(poses_, 3, one.missing));
    EXPECT_EQ(person.lifters, one.lifters);
    for (int joint = 0; joint < kJoints; ++joint) {
      const auto in = [&](const std::vector<int>& joints) {
        return std::count(joints.begin(), joints.end(), joint) > 0;
      };
      const JointState expected = in(one.missing) ? JointState::kGuessed
                                  : in(one.rays)  ? JointState::kRay
                                                  : JointState::kLifted;
      EXPECT_EQ(person.states[joint], expected) << one.lifters << ", joint " << joint;
    }
    EXPECT_EQ(person.root_estimated, !one.missing.empty() && one.missing[0] == kHip);
  }
}

TEST_F(PoseEstimatorTest, JointsAreThoseOfTheNetworksOnNormalisedKeypoints) {
  const torch::NoGradGuard no_grad;
  TrainedRun run = test::TinyTrainedRun();
  for (const std::vector<int>& missing : {std::vector<int>{}, {kLWrist}}) {
    const LiftedPerson person = One(Person(poses_, 3, missing));
    torch::Tensor keypoints = torch::zeros({1, kJoints, 2});
    torch::Tensor seen = torch::ones({1, kJoints}, torch::kBool);
    for (int joint : missing) seen[0][joint] = false;
    for (int i = 0; i < 2 * kJoints; ++i) {
      keypoints.data_ptr<float>()[i] =
          static_cast<float>((person.px[i] - person.root_px[i % 2]) / (10 * person.scale_px));
    }
    const torch::Tensor expected =
        CompletePoses(run.networks.lifters, run.networks.completion, keypoints, seen).joints[0];
    for (int i = 0; i < 3 * kJoints; ++i) {
      EXPECT_NEAR(person.joints[i], expected[i / 3][i % 3].item<double>(), 1e-5) << i;
    }
  }
}

TEST_F(PoseEstimatorTest, SpreadAndHypothesesAreThereWhereTheyAreAskedForAndChangeNothing) {
  for (const std::vector<int>& missing : {std::vector<int>{}, {kLWrist, kHip}}) {
    const DetectedPerson person = Person(poses_, 3, missing);
    const LiftedPerson plain = One(person), with = One(person, {.spread = true, .hypotheses = 3});
    EXPECT_TRUE(plain.spread.empty() && plain.hypotheses.empty());
    EXPECT_EQ(with.joints, plain.joints);
    ASSERT_EQ(with.spread.size(), static_cast<size_t>(kJoints));
    ASSERT_EQ(with.hypotheses.size(), 3u);
    EXPECT_EQ(One(person, {.spread = true}).spread, with.spread) << "however many are kept";
    for (int joint = 0; joint < kJoints; ++joint) {
      EXPECT_EQ(with.spread[joint] > 0, joint != kHip) << joint;
      if (with.states[joint] == JointState::kGuessed || joint == kHip) continue;
      for (const Joints3& other : with.hypotheses) {
        for (int k = 0; k < 2; ++k) {  // the same ray
          EXPECT_NEAR(other[3 * joint + k] / (other[3 * joint + 2] + 10),
                      with.joints[3 * joint + k] / (with.joints[3 * joint + 2] + 10), 1e-5);
        }
      }
    }
  }
}

TEST_F(PoseEstimatorTest, SpreadDoesNotDependOnTheBatch) {
  const std::vector<DetectedFrame> frames = FramesWithGaps(poses_, 12);
  const EstimatorOptions options = {.training_scale = true, .spread = true};
  const auto together = PoseEstimator(test::TinyTrainedRun(), options).Estimate(frames);
  PoseEstimator one_by_one(test::TinyTrainedRun(), options);
  for (size_t i = 0; i < frames.size(); ++i) {
    const LiftedPerson alone = one_by_one.Estimate({frames[i]})[0].people[0];
    for (int joint = 0; joint < kJoints; ++joint)
      EXPECT_NEAR(alone.spread[joint], together[i].people[0].spread[joint], 1e-5);
  }
}

TEST_F(PoseEstimatorTest, ThePoseIsTheSameAtAnySizeAndPlace) {
  for (const std::vector<int>& missing : {std::vector<int>{}, {kLWrist}, {kHip, kLAnkle}}) {
    const DetectedPerson person = Person(poses_, 7, missing);
    DetectedPerson moved = person;
    for (int i = 0; i < 2 * kJoints; ++i) {
      if (person.seen[i / 2]) moved.px[i] = 2 * person.px[i] + (i % 2 == 0 ? 300.f : -50.f);
    }
    const LiftedPerson small = One(person), large = One(moved);
    EXPECT_LT(Apart(small, large), 1e-4);
    EXPECT_NEAR(large.scale_px / small.scale_px, 2, 1e-4);
    EXPECT_NEAR(large.root_px[0], 2 * small.root_px[0] + 300, .1);
    EXPECT_NEAR(large.plausibility, small.plausibility, 1e-3);
  }
}

TEST_F(PoseEstimatorTest, NeitherOrderOfPeopleNorBatchesMatter) {
  std::vector<DetectedFrame> frames;
  for (int64_t i = 0; i < 30; ++i) {
    frames.push_back(Frame(i, {Person(poses_, i, {}, "a"), Person(poses_, 100 + i, {kLWrist}, "b"),
                               Person(poses_, 200 + i, {kHip, kLKnee})}));
  }
  std::vector<DetectedFrame> turned = frames;
  for (DetectedFrame& frame : turned) std::reverse(frame.people.begin(), frame.people.end());
  const EstimatorOptions options = {.height_mm = 1750};
  const auto at_once = PoseEstimator(test::TinyTrainedRun(), options).Estimate(frames);
  const auto reversed = PoseEstimator(test::TinyTrainedRun(), options).Estimate(turned);
  PoseEstimator one_by_one(test::TinyTrainedRun(), options);
  for (size_t i = 0; i < frames.size(); ++i) {
    const auto alone = one_by_one.Estimate({frames[i]});
    EXPECT_EQ(alone[0].index, at_once[i].index);
    EXPECT_EQ(alone[0].image, at_once[i].image);
    for (size_t p = 0; p < 3; ++p) {
      const LiftedPerson& person = at_once[i].people[p];
      for (const LiftedPerson* other : {&alone[0].people[p], &reversed[i].people[2 - p]}) {
        EXPECT_LT(Apart(person, *other), 1e-5);
        EXPECT_EQ(person.scale_px, other->scale_px);
        EXPECT_EQ(person.scale_from, other->scale_from);
        EXPECT_NEAR(person.mm_per_unit, other->mm_per_unit, 1e-2);
        EXPECT_EQ(person.track, other->track);
      }
    }
  }
}

TEST_F(PoseEstimatorTest, TheHeightIsThatOfTheLiftedBody) {
  PoseEstimator estimator(test::TinyTrainedRun(), {.height_mm = 1800});
  for (const DetectedFrame& frame : FramesWithGaps(poses_, 8)) {
    const LiftedPerson person = estimator.Estimate({frame})[0].people[0];
    const auto bone = [&](int a, int b) {
      double squares = 0;
      for (int k = 0; k < 3; ++k) squares += std::pow(person.joints[3 * a + k] - person.joints[3 * b + k], 2);
      return std::sqrt(squares) * person.mm_per_unit;
    };
    const double legs = (bone(1, 2) + bone(2, 3) + bone(4, 5) + bone(5, 6)) / 2;
    EXPECT_NEAR(legs + bone(0, 7) + bone(7, 8) + bone(8, 9) + bone(9, 10), .961 * 1800, 1e-6);
  }
  EXPECT_EQ(One(Person(poses_, 0)).mm_per_unit, 0);
}

TEST_F(PoseEstimatorTest, PlausibilityIsTheFullFlowsLikelihood) {
  const LiftedPerson person = One(Person(poses_, 11, {kLWrist, kHip}));
  torch::Tensor projected = torch::zeros({1, kJoints, 2});
  for (int i = 0; i < 2 * kJoints; ++i) {
    const double depth = person.joints[3 * (i / 2) + 2] + 10;
    projected.data_ptr<float>()[i] = static_cast<float>(person.joints[3 * (i / 2) + i % 2] / depth);
  }
  TrainedRun run = test::TinyTrainedRun();
  const double nats = run.networks.flows->NegativeLogLikelihood({Segment::kFull}, projected).item<double>();
  EXPECT_NEAR(person.plausibility, -nats / 32, 1e-4);  // 16 joints but the root
  run.has_flows = false;
  PoseEstimator without(std::move(run), {});
  EXPECT_TRUE(std::isnan(without.Estimate({Frame(0, {Person(poses_, 11)})})[0].people[0].plausibility));
}

TEST_F(PoseEstimatorTest, TheTrainingScaleIsTheRuns) {
  const LiftedPerson person = One(Person(poses_, 3), {.training_scale = true});
  EXPECT_EQ(person.scale_px, Normalisation::Of(poses_).head_root_px);
  EXPECT_EQ(person.scale_from, "training data");
}

TEST_F(PoseEstimatorTest, WhoShowsTooLittleKeepsAPlaceAndGetsAReason) {
  std::vector<int> all(kJoints);
  for (int joint = 0; joint < kJoints; ++joint) all[joint] = joint;
  DetectedPerson point = Person(poses_, 2);
  point.px.fill(40);
  const std::vector<int> no_bone = {0, 2, 4, 6, 7, 8, 9, 12, 15};  // 1, 3, 5, 10, 11, 13, 14, 16 stay
  PoseEstimator estimator(test::TinyTrainedRun(), {.height_mm = 1700});
  const auto lifted =
      estimator.Estimate({Frame(0, {Person(poses_, 0, all), Person(poses_, 1, {all.begin() + 3, all.end()}),
                                    point, Person(poses_, 2, no_bone), Person(poses_, 3)}),
                          Frame(1, {}), Frame(2, {Person(poses_, 4, {all.begin() + 4, all.end()})})});
  ASSERT_EQ(lifted.size(), 3u);
  ASSERT_EQ(lifted[0].people.size(), 5u);
  EXPECT_THAT(lifted[0].people[0].unusable, HasSubstr("at least 4 joints seen, found 0"));
  EXPECT_THAT(lifted[0].people[1].unusable, HasSubstr("found 3"));
  EXPECT_THAT(lifted[0].people[2].unusable, HasSubstr("no length"));
  EXPECT_EQ(lifted[0].people[3].unusable, "");
  EXPECT_THAT(lifted[0].people[3].scale_from, HasSubstr("distances of joints"));
  EXPECT_EQ(lifted[0].people[4].unusable, "");
  EXPECT_EQ(lifted[0].people[4].person, 4);
  EXPECT_TRUE(lifted[1].people.empty());
  EXPECT_EQ(lifted[2].people[0].unusable, "");
  EXPECT_GT(lifted[2].people[0].mm_per_unit, 0);
}

TEST_F(PoseEstimatorTest, ARunWithoutCompletionNamesTheStage) {
  TrainedRun run = test::TinyTrainedRun();
  run.has_completion = false;
  EXPECT_THAT(MessageOf([&] { PoseEstimator(run, {}); }), HasSubstr("--stage completion"));
}

}  // namespace
}  // namespace links
