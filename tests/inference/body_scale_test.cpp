#include "links/inference/body_scale.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tiny_estimator.h"

namespace links {
namespace {

using test::Person;

const std::array<double, kBones>& BoneLengths() {
  static const std::array<double, kBones> lengths = [] {
    const torch::Tensor means = test::TinyTrainedRun().networks.completion->bone_lengths;
    std::array<double, kBones> values;
    for (int bone = 0; bone < kBones; ++bone) values[bone] = means[bone].item<double>();
    return values;
  }();
  return lengths;
}

/// A person of whom head top and root, `distance` apart, and the first thigh are seen.
DetectedPerson Upright(double distance, double thigh, const std::string& track) {
  DetectedPerson person;
  person.track = track;
  for (int joint : {kHip, kHeadTop, kRHip, kRKnee}) person.seen[joint] = true;
  person.px[2 * kHeadTop + 1] = static_cast<float>(-distance);
  person.px[2 * kRKnee + 1] = static_cast<float>(thigh);
  return person;
}

TEST(BodyScale, OfAStreamFollowsTheMeanOfItsBonesWithoutAJump) {
  BodyScales scales(BoneLengths());
  const double small = BodyScales(BoneLengths()).Of(Upright(100, 50, ""), 0).head_root_px;
  double last = scales.Of(Upright(100, 50, "a"), 0).head_root_px;
  EXPECT_NEAR(last, small, 1e-9);
  for (int frame = 1; frame < 150; ++frame) {  // from now on twice as large
    const double found = scales.Of(Upright(100, 100, "a"), frame).head_root_px;
    EXPECT_GE(found, last);
    EXPECT_LE(found, last * 1.0201);
    last = found;
  }
  EXPECT_NEAR(last, 2 * small, 1e-6);
}

TEST(BodyScale, OfAStreamIsCarriedOverWhereNoBoneIsSeen) {
  const PoseData poses = test::SyntheticPoses();
  BodyScales scales(BoneLengths());
  const double first = scales.Of(Person(poses, 0, {}, "a"), 0).head_root_px;
  const std::vector<int> no_bone = {0, 2, 4, 6, 7, 8, 9, 12, 15};
  EXPECT_EQ(scales.Of(Person(poses, 0, no_bone, "a"), 1).head_root_px, first);
}

std::vector<BodyScale> OfTrack(const std::vector<DetectedPerson>& people) {
  const BodyScales scales(BoneLengths());
  std::vector<int64_t> frames;
  std::vector<BodyMeasure> measures;
  for (const DetectedPerson& person : people) {
    frames.push_back(static_cast<int64_t>(frames.size()));
    measures.push_back(scales.Measure(person));
  }
  return scales.OfTrack(frames, measures, 15);
}

TEST(BodyScale, OfAFilesTrackIsOneForAllOfIt) {
  const PoseData poses = test::SyntheticPoses();
  std::vector<DetectedPerson> people;
  for (int row = 0; row < 60; ++row)
    people.push_back(Person(poses, 0, row % 3 == 0 ? std::vector<int>{kLWrist} : std::vector<int>{}));
  const std::vector<BodyScale> scales = OfTrack(people);
  for (const BodyScale& scale : scales) {
    EXPECT_EQ(scale.from, kScaleFromBones);
    EXPECT_NEAR(scale.head_root_px / scales[0].head_root_px, 1, 1e-4);
  }
  EXPECT_EQ(OfTrack({people[1]})[0].from, "16 of 16 bones");
  EXPECT_NEAR(OfTrack({people[1]})[0].head_root_px, BodyScales(BoneLengths()).Of(people[1], 0).head_root_px,
              1e-9);
}

TEST(BodyScale, OfAFilesTrackSaysItsDoubts) {
  const DetectedPerson person = Upright(100, 50, "");
  for (const BodyScale& scale : OfTrack({person, person}))
    EXPECT_EQ(scale.from, Concat(kScaleFromBones, kDoubtfulScale));
  DetectedPerson point;
  point.seen.fill(true);
  for (const BodyScale& scale : OfTrack({point, point})) EXPECT_EQ(scale.head_root_px, 0);
}

TEST(BodyScale, OfAStillPersonIsTheSameInEveryFrame) {
  BodyScales scales(BoneLengths());
  const PoseData poses = test::SyntheticPoses();
  const double first = scales.Of(Person(poses, 0, {}, "a"), 0).head_root_px;
  for (int frame = 1; frame < 100; ++frame) {
    EXPECT_NEAR(scales.Of(Person(poses, 0, {}, "a"), frame).head_root_px, first, 1e-9 * first);
  }
}

TEST(BodyScale, FollowsAPersonWhoWalksAway) {
  BodyScales scales(BoneLengths());
  for (int frame = 0; frame < 1000; ++frame) {
    const double size = std::exp(-.002 * frame);
    const double found = scales.Of(Upright(300 * size, 150 * size, "a"), frame).head_root_px;
    const double now = BodyScales(BoneLengths()).Of(Upright(300 * size, 150 * size, ""), 0).head_root_px;
    EXPECT_NEAR(found / now, 1, .08);
  }
}

TEST(BodyScale, TracksAreApartAndForgotten) {
  BodyScales scales(BoneLengths());
  const auto alone = [](double thigh) {
    return BodyScales(BoneLengths()).Of(Upright(100, thigh, ""), 0).head_root_px;
  };
  for (int frame = 0; frame < 20; ++frame) {
    scales.Of(Upright(100, 50, "a"), frame);
    scales.Of(Upright(100, 100, "b"), frame);
    EXPECT_NEAR(scales.Of(Upright(100, 200, ""), frame).head_root_px, alone(200),
                1e-3);  // a stranger each time
  }
  EXPECT_NEAR(scales.Of(Upright(100, 50, "a"), 20).head_root_px, alone(50), 1e-3);
  EXPECT_NEAR(scales.Of(Upright(100, 100, "b"), 20).head_root_px, alone(100), 1e-3);
  EXPECT_NEAR(scales.Of(Upright(100, 200, "a"), 1000).head_root_px, alone(200), 1e-3);
}

TEST(BodyScale, MemoryDoesNotGrowWithTheNumberOfTracks) {
  TrackTable<int> table;
  for (int frame = 0; frame < 10000; ++frame) {
    ++table.At("stays", frame);
    table.At(Concat(frame), frame);
    EXPECT_LE(table.size(), 2u + TrackTable<int>::kForgetAfter);
  }
  EXPECT_EQ(table.At("stays", 10000), 10000);
}

TEST(BodyScale, BonesOfAFrameAreHeldAgainstTheirMeans) {
  const auto lengths = BoneLengths();
  const BodyScale scale = BodyScales(lengths).Of(Upright(100, 50, ""), 0);
  EXPECT_EQ(scale.from,
            "2 of 16 bones, may be off by a factor");  // hip and thigh; the hip has no length here
  EXPECT_NEAR(scale.head_root_px, 50 / (10 * (lengths[0] + lengths[1])), 1e-4);
  BodyScales over(lengths);
  over.Of(Upright(100, 50, "a"), 0);
  const BodyScale second = over.Of(Upright(100, 51, "a"), 1);
  EXPECT_EQ(second.from, Concat(kScaleFromBones, kDoubtfulScale));
  EXPECT_NEAR(second.head_root_px, 50.5 / (10 * (lengths[0] + lengths[1])), 1e-4);
}

TEST(BodyScale, SaysWhereFewBonesLeaveItInDoubt) {
  const PoseData poses = test::SyntheticPoses();
  BodyScales scales(BoneLengths());
  const std::vector<int> all_but_two_bones = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
  EXPECT_EQ(scales.Of(Person(poses, 0), 0).from, "16 of 16 bones");
  EXPECT_EQ(scales.Of(Person(poses, 0, {1, 2, 3, 4, 5, 6}), 0).from, "10 of 16 bones");
  EXPECT_EQ(scales.Of(Person(poses, 0, all_but_two_bones), 0).from, "2 of 16 bones, may be off by a factor");
  scales.Of(Person(poses, 0, all_but_two_bones, "a"), 0);
  EXPECT_EQ(scales.Of(Person(poses, 1, {kHip}, "a"), 1).from, kScaleFromBones);  // 2 and 13 bones
}

/// Pixels that the training set's unit has at the root of a pose: focal length, fitted to the keypoints, over
/// the root's depth.
double TrueScale(const PoseData& poses, int64_t row, double mm_per_unit) {
  const float* px = &poses.keypoints_2d[34 * row];
  const float* mm = &poses.joints_3d[51 * row];
  double cross = 0, square = 0;
  for (int i = 2; i < 34; ++i) {
    const int joint = i / 2, k = i % 2;
    const double ray = mm[3 * joint + k] / mm[3 * joint + 2] - mm[k] / mm[2];
    cross += ray * (px[i] - px[k]);
    square += ray * ray;
  }
  return cross / square / mm[2] * mm_per_unit;
}

TEST(BodyScale, WithoutAWholeBoneDistancesOfJointsServe) {
  DetectedPerson person;
  person.seen[kRKnee] = person.seen[kLWrist] = true;
  person.px[2 * kLWrist] = 60;
  person.px[2 * kLWrist + 1] = -80;  // 100 px apart
  BodyScales::JointDistances distances{};
  distances[kRKnee * kJoints + kLWrist] = 0.2;  // twice the distance of head top and root
  const BodyScale scale = BodyScales(BoneLengths(), distances).Of(person, 0);
  EXPECT_NEAR(scale.head_root_px, 50, 1e-4);
  EXPECT_THAT(scale.from, testing::HasSubstr(kDoubtfulScale));
  EXPECT_EQ(BodyScales(BoneLengths()).Of(person, 0).head_root_px, 0);
  person.px = {};
  EXPECT_EQ(BodyScales(BoneLengths(), distances).Of(person, 0).head_root_px, 0);
}

TEST(BodyScale, BonesAreNeverOffByAFactor) {
  const PoseData poses = test::SyntheticPoses();
  const double mm_per_unit = test::TinyTrainedRun().normalisation.mm_per_unit;
  BodyScales scales(BoneLengths());
  // Whole bodies, without legs, without an arm and the head.
  const std::vector<std::vector<int>> gaps = {{}, {1, 2, 3, 4, 5, 6}, {9, 10, 11, 12, 13}};
  for (const auto& missing : gaps) {
    double squares = 0, most = 0;
    for (int64_t row = 0; row < poses.size(); ++row) {
      const double found = scales.Of(Person(poses, row, missing), row).head_root_px;
      const double off = std::log(found / TrueScale(poses, row, mm_per_unit));
      squares += off * off;
      most = std::max(most, std::abs(off));
    }
    const double typical = std::sqrt(squares / static_cast<double>(poses.size()));
    EXPECT_LT(typical, .12);
    EXPECT_LT(most, std::log(1.7));
  }
}

}  // namespace
}  // namespace links
