#include "links/inference/lift_tracks.h"

#include <gmock/gmock.h>

#include <cmath>
#include <utility>

#include "links/core/random.h"
#include "links/motion/upright.h"
#include "support/temporary_folder.h"
#include "tiny_estimator.h"

namespace links {
namespace {

using test::Frame;
using test::Person;
using testing::HasSubstr;

constexpr TrackOptions kSmooth = {.fps = 30, .smooth_hz = 6};

std::vector<LiftedFrame> Lift(const std::vector<DetectedFrame>& frames, const TrackOptions& options,
                              const EstimatorOptions& estimator_options = {}, int64_t batch = 7,
                              TrainedRun run = test::TinyTrainedRun()) {
  test::FrameReader reader(frames);
  PoseEstimator estimator(std::move(run), estimator_options);
  std::vector<LiftedFrame> lifted;
  LiftTracks(reader, estimator, batch, options, [&](const LiftedFrame& frame) { lifted.push_back(frame); });
  return lifted;
}

/// A person who sways, with the detector's jitter; `size` px a px of the data.
std::vector<DetectedFrame> Swaying(const PoseData& poses, int count, double jitter, double size = 1) {
  Random random(6);
  std::vector<DetectedFrame> frames;
  for (int i = 0; i < count; ++i) {
    DetectedPerson person = Person(poses, 3, {}, "a");
    for (int k = 0; k < 2 * kJoints; ++k) {
      person.px[k] =
          static_cast<float>(size * (person.px[k] + 10 * std::sin(.1 * i + k)) + random.Normal(0, jitter));
    }
    frames.push_back(Frame(i, {person}));
  }
  return frames;
}

double Acceleration(const std::vector<LiftedFrame>& frames) {
  double sum = 0;
  for (size_t i = 2; i < frames.size(); ++i) {
    for (int k = 0; k < 3 * kJoints; ++k) {
      sum += std::abs(frames[i].people[0].joints[k] - 2 * frames[i - 1].people[0].joints[k] +
                      frames[i - 2].people[0].joints[k]);
    }
  }
  return sum;
}

TEST(LiftTracks, AMotionlessPersonIsMotionless) {
  const PoseData poses = test::SyntheticPoses();
  for (const std::vector<int>& missing : {std::vector<int>{}, {kLWrist}, {kHip, kLKnee}}) {
    const std::vector<DetectedFrame> frames = [&] {
      std::vector<DetectedFrame> same;
      for (int i = 0; i < 90; ++i) same.push_back(Frame(i, {Person(poses, 3, missing, "a")}));
      return same;
    }();
    for (const TrackOptions& options : {TrackOptions{}, kSmooth}) {
      const auto lifted = Lift(frames, options, {.height_mm = 1700});
      ASSERT_EQ(lifted.size(), 90u);
      for (const LiftedFrame& frame : lifted) {
        const LiftedPerson &person = frame.people[0], &first = lifted[0].people[0];
        EXPECT_LT(test::Apart(person, first), 1e-6);
        EXPECT_EQ(person.scale_px, first.scale_px);
        EXPECT_EQ(person.mm_per_unit, first.mm_per_unit);
        EXPECT_EQ(person.px, first.px);
        EXPECT_NEAR(person.root_px[0], first.root_px[0], 1e-4);
      }
    }
  }
}

TEST(LiftTracks, ATrackHasOneScaleFromItsFirstFrameOn) {
  const PoseData poses = test::SyntheticPoses();
  auto frames = Swaying(poses, 50, 2);
  for (size_t i = 0; i < 10; ++i) {  // the track begins with an arm and a leg
    for (const int joint : {7, 8, 9, 10, 11, 12, 13, 4, 5, 6}) frames[i].people[0].seen[joint] = false;
  }
  const auto lifted = Lift(frames, {}, {.height_mm = 1700});
  double last = lifted[0].people[0].scale_px;
  for (const LiftedFrame& frame : lifted) {
    const LiftedPerson& person = frame.people[0];
    EXPECT_EQ(person.scale_from, "bones over the track");
    EXPECT_NEAR(person.scale_px / last, 1, .002);  // no jump at the tenth
    EXPECT_NEAR(person.scale_px / lifted[0].people[0].scale_px, 1, .05);
    last = person.scale_px;
    EXPECT_EQ(person.mm_per_unit, lifted[0].people[0].mm_per_unit);
  }
}

TEST(LiftTracks, WhoWasLongAwayIsMeasuredAnew) {
  const PoseData poses = test::SyntheticPoses();
  auto frames = Swaying(poses, 20, 0);
  for (DetectedFrame frame : Swaying(poses, 20, 0, 3)) {
    frame.index += 1000;
    frames.push_back(frame);
  }
  const auto lifted = Lift(frames, {});
  EXPECT_NEAR(lifted[20].people[0].scale_px / lifted[19].people[0].scale_px, 3, .1);
}

TEST(LiftTracks, SmoothPosesShakeLessAndStayOnTheirRays) {
  const PoseData poses = test::SyntheticPoses();
  auto frames = Swaying(poses, 90, 3);
  for (int i = 30; i < 60; ++i) {  // one gap that is bridged, one that is not, and a root that is not seen
    DetectedPerson& person = frames[i].people[0];
    const auto hide = [&](int joint) {
      person.seen[joint] = false;
      person.confidence[joint] = person.px[2 * joint] = person.px[2 * joint + 1] = 0;
    };
    if (i < 36) hide(kLWrist);
    if (i < 50) hide(kRAnkle);
    if (i > 40) hide(kHip);
  }
  const auto rough = Lift(frames, {}), smooth = Lift(frames, kSmooth);
  EXPECT_LT(Acceleration(smooth), .3 * Acceleration(rough));
  for (int i = 0; i < 90; ++i) {
    const LiftedPerson& person = smooth[i].people[0];
    test::ExpectOnRays(person);
    for (const int joint : {kLWrist, kRAnkle, kHip}) {
      const bool seen = frames[i].people[0].seen[joint];
      EXPECT_EQ(person.confidence[joint] > 0, seen) << i;
      EXPECT_EQ(person.states[joint] != JointState::kGuessed, seen || joint == kLWrist) << i;
    }
    EXPECT_EQ(person.root_estimated, !frames[i].people[0].seen[kHip]);
  }
}

TEST(LiftTracks, BatchesDoNotMatter) {
  const PoseData poses = test::SyntheticPoses();
  auto frames = test::FramesWithGaps(poses, 23, "a");
  for (DetectedFrame& frame : frames) {
    frame.people.push_back(Person(poses, frame.index + 50));
    frame.people.back().person = 1;
  }
  frames.push_back(Frame(40, {}));
  for (const TrackOptions& options : {TrackOptions{}, kSmooth}) {
    const auto reference = Lift(frames, options, {}, 1);
    for (const int64_t batch : {4, 24, 256}) {
      const auto lifted = Lift(frames, options, {}, batch);
      ASSERT_EQ(lifted.size(), 24u);
      for (size_t i = 0; i < lifted.size(); ++i) {
        EXPECT_EQ(lifted[i].index, frames[i].index);
        EXPECT_EQ(lifted[i].image, frames[i].image);
        ASSERT_EQ(lifted[i].people.size(), frames[i].people.size());
        for (size_t p = 0; p < lifted[i].people.size(); ++p) {
          EXPECT_EQ(lifted[i].people[p].person, static_cast<int>(p));
          EXPECT_LT(test::Apart(lifted[i].people[p], reference[i].people[p]), 1e-5);
        }
      }
    }
  }
}

TEST(LiftTracks, WhoHasNoTrackIsLiftedFrameByFrame) {
  const PoseData poses = test::SyntheticPoses();
  const auto frames = test::FramesWithGaps(poses, 16);
  for (const TrackOptions& options : {TrackOptions{}, kSmooth}) {
    const auto lifted = Lift(frames, options, {.height_mm = 1800});
    PoseEstimator alone(test::TinyTrainedRun(), {.height_mm = 1800});
    for (size_t i = 0; i < frames.size(); ++i) {
      const LiftedPerson expected = alone.Estimate({frames[i]})[0].people[0], &found = lifted[i].people[0];
      EXPECT_LT(test::Apart(found, expected), 1e-5);
      EXPECT_EQ(found.scale_px, expected.scale_px);
      EXPECT_EQ(found.scale_from, expected.scale_from);
      EXPECT_EQ(found.lifters, expected.lifters);
      EXPECT_EQ(found.states, expected.states);
      EXPECT_NEAR(found.mm_per_unit, expected.mm_per_unit, 1e-2);
      EXPECT_NEAR(found.plausibility, expected.plausibility, 1e-4);
    }
  }
}

TEST(LiftTracks, PeopleWithoutAPoseKeepTheirPlace) {
  const PoseData poses = test::SyntheticPoses();
  auto frames = Swaying(poses, 9, 0);
  frames[3].people[0].unusable = "no keypoints in the file";
  frames[3].people[0].seen.fill(false);
  frames[5].people.push_back(frames[5].people[0]);  // the same track twice in a frame
  for (const TrackOptions& options : {TrackOptions{}, kSmooth}) {
    const auto lifted = Lift(frames, options);
    EXPECT_EQ(lifted[3].people[0].unusable, "no keypoints in the file");
    EXPECT_EQ(lifted[4].people[0].unusable, "");
    EXPECT_EQ(lifted[5].people[1].scale_from, "16 of 16 bones");
  }
}

TEST(LiftTracks, RigidBonesAreTheSameInEveryFrame) {
  const PoseData poses = test::SyntheticPoses();
  const auto lifted = Lift(test::FramesWithGaps(poses, 40, "a"), {.rigid = true});
  const auto length = [](const LiftedPerson& person, int bone) {
    const auto [parent, child] = kBoneList[bone];
    double squares = 0;
    for (int k = 0; k < 3; ++k)
      squares += std::pow(person.joints[3 * child + k] - person.joints[3 * parent + k], 2);
    return std::sqrt(squares);
  };
  for (const LiftedFrame& frame : lifted) {
    for (int bone = 0; bone < kBones; ++bone)
      EXPECT_NEAR(length(frame.people[0], bone), length(lifted[0].people[0], bone), 1e-5);
  }
}

/// Lifters that take everything for flat.
TrainedRun FlatRun() {
  const torch::NoGradGuard no_grad;
  TrainedRun run = test::TinyTrainedRun();
  for (torch::Tensor& weights : run.networks.lifters->parameters()) weights.zero_();
  return run;
}

TEST(LiftTracks, UprightPeopleStandOnTheGround) {
  const PoseData poses = test::SyntheticPoses();
  DetectedPerson person = Person(poses, 3, {}, "a");
  const std::array<std::array<float, 2>, kJoints> standing = {{{0, 0},
                                                               {-15, 0},
                                                               {-15, 70},
                                                               {-15, 140},
                                                               {15, 0},
                                                               {15, 70},
                                                               {15, 140},
                                                               {0, -40},
                                                               {0, -80},
                                                               {0, -95},
                                                               {0, -110},
                                                               {25, -80},
                                                               {30, -40},
                                                               {30, 0},
                                                               {-25, -80},
                                                               {-30, -40},
                                                               {-30, 0}}};
  for (int i = 0; i < 2 * kJoints; ++i) person.px[i] = 500 + standing[i / 2][i % 2];
  std::vector<DetectedFrame> frames;
  for (int i = 0; i < 30; ++i) {
    for (int joint = 0; joint < kJoints; ++joint) person.px[2 * joint] += 2;  // to the right
    frames.push_back(Frame(i, {person}));
  }
  TrackOptions options = {.upright = true};
  const auto still = Lift(frames, options, {.height_mm = 1700}, 7, FlatRun());
  options.focal_px = 1000;
  options.image_width = options.image_height = 1000;
  const auto placed = Lift(frames, options, {.height_mm = 1700}, 7, FlatRun());
  for (int i = 0; i < 30; ++i) {
    for (const auto* lifted : {&still, &placed}) {
      const LiftedPerson& stood = (*lifted)[i].people[0];
      EXPECT_TRUE(stood.upright);
      const double lowest = std::max(stood.joints[3 * kLAnkle + 1], stood.joints[3 * kRAnkle + 1]);
      EXPECT_NEAR((stood.root[1] + lowest) * stood.mm_per_unit, -.039 * 1700, 2);
      EXPECT_LT(stood.joints[3 * kThorax + 1], -.5);
    }
    EXPECT_EQ(still[i].people[0].root[0], 0);
    EXPECT_GT(placed[i].people[0].root[2], 3);
  }
  const LiftedPerson &first = placed[0].people[0], &last = placed[29].people[0];
  // 58 px at the scale of the person, in its units.
  EXPECT_NEAR(std::hypot(last.root[0] - first.root[0], last.root[2] - first.root[2]), 58 / first.scale_px,
              .05);
}

TEST(LiftTracks, WithoutAnyoneUprightThereIsNoGravity) {
  const PoseData poses = test::SyntheticPoses();
  std::vector<DetectedFrame> frames;
  for (int i = 0; i < 20; ++i) frames.push_back(Frame(i, {Person(poses, 0, {kLAnkle}, "a")}));
  EXPECT_THAT(MessageOf([&] { Lift(frames, {.upright = true}); }),
              HasSubstr("expected at least 10 poses that stand upright"));
}

TEST(LiftTracks, SaysWhatItDid) {
  const PoseData poses = test::SyntheticPoses();
  test::FrameReader reader(Swaying(poses, 9, 0));
  PoseEstimator estimator(test::TinyTrainedRun(), {});
  const TrackNotes notes = LiftTracks(reader, estimator, 4, kSmooth, [](const LiftedFrame&) {});
  EXPECT_THAT(notes,
              testing::Contains(HasSubstr("smoothed at 6 Hz of 30 frames a second, 0 joints bridged")));
}

TEST(LiftTracks, RefusesOptionsThatLackSomething) {
  const auto message = [](const TrackOptions& options) {
    return MessageOf([&] { CheckTrackOptions(options); });
  };
  EXPECT_THAT(message({.smooth_hz = 6}), HasSubstr("--fps with --smooth"));
  EXPECT_THAT(message({.fps = 30, .smooth_hz = 15}),
              HasSubstr("below 15 Hz at 30 frames a second, found 15"));
  EXPECT_THAT(message({.fps = 30, .smooth_hz = .01}), HasSubstr("at least 0.06"));
  CheckTrackOptions({.fps = 30, .smooth_hz = 6});
  CheckTrackOptions({});
  EXPECT_THAT(message({.focal_px = 1000}), HasSubstr("--upright with --focal"));
  EXPECT_THAT(message({.upright = true, .focal_px = 1000}), HasSubstr("--image-size with --focal"));
}

}  // namespace
}  // namespace links
