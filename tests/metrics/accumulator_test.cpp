#include "links/metrics/accumulator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <functional>
#include <numeric>

#include "links/core/error.h"
#include "metrics/random_poses.h"
#include "metrics/reference_metrics.h"

namespace links {
namespace {

using test::Append;
using test::RandomPose;
using testing::HasSubstr;

JointSubset AllJoints() {
  JointSubset all{"all", std::vector<int>(kJoints)};
  std::iota(all.joints.begin(), all.joints.end(), 0);
  return all;
}
const JointSubset kVisible{"visible", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15, 16}};
const JointSubset kOccluded{"occluded", {11, 12, 13}};

struct Poses {
  std::vector<float> predicted, truth;

  void Add(const Pose& p, const Pose& g) {
    Append(predicted, p);
    Append(truth, g);
  }
  std::vector<std::vector<Metrics>> Measure(const std::vector<JointSubset>& subsets = {AllJoints()}) const {
    return MeasurePoses(predicted, truth, subsets);
  }
};

// Predictions about 100 mm off, some scaled, some mirrored.
Poses NoisyPoses(int count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> scale(0.5, 2);
  Poses poses;
  for (int i = 0; i < count; ++i) {
    const Pose truth = RandomPose(random);
    Pose predicted = scale(random) * truth + RandomPose(random, 60);
    if (i % 5 == 0) predicted = test::Mirrored(predicted);
    poses.Add(predicted.array() + 5000, truth);
  }
  return poses;
}

void ExpectSame(const Metrics& a, const Metrics& b) {
  EXPECT_EQ(a.poses, b.poses);
  EXPECT_EQ(a.rejected, b.rejected);
  for (const MetricField& field : kMetricFields)
    EXPECT_EQ(std::bit_cast<uint64_t>(a.*field.value), std::bit_cast<uint64_t>(b.*field.value)) << field.name;
}

TEST(Accumulator, AgreesWithASecondImplementation) {
  const Poses poses = NoisyPoses(300, 1);
  const std::vector<JointSubset> subsets = {AllJoints(), kVisible, kOccluded};
  const auto result = poses.Measure(subsets);
  for (size_t s = 0; s < subsets.size(); ++s) {
    const auto expected = test::ReferenceMetrics(poses.predicted, poses.truth, subsets[s].joints);
    EXPECT_EQ(expected.size(), kMetricFields.size());
    for (const MetricField& field : kMetricFields)
      EXPECT_NEAR(result[s][0].*field.value, expected.at(std::string(field.name)), 1e-5)
          << field.name << ' ' << subsets[s].name;
    EXPECT_EQ(result[s][0].poses, 300);
    EXPECT_EQ(result[s][0].rejected, 0);
  }
  EXPECT_LT(result[0][0].pa_mpjpe_reflection, result[0][0].pa_mpjpe);
}

TEST(Accumulator, APerfectPredictionHasTheHighestScores) {
  std::mt19937 random(2);
  Poses poses;
  const Pose truth = RandomPose(random);
  poses.Add(truth, truth);
  const Metrics m = poses.Measure()[0][0];
  EXPECT_EQ(m.mpjpe, 0);
  EXPECT_NEAR(m.pa_mpjpe, 0, 1e-9);
  EXPECT_EQ(m.n_pck, 100);
  EXPECT_DOUBLE_EQ(m.n_auc, 100.0 * 30 / 31);  // no error is below the threshold 0
  EXPECT_DOUBLE_EQ(m.n_auc_150, 100.0 * 149 / 150);
  EXPECT_DOUBLE_EQ(m.auc_14, 100.0 * 30 / 31);
}

// The left wrist swings from (75, 100, 0) to (-75, 100, 0): the norm stays, the error is 150 mm exactly.
TEST(Accumulator, AnErrorOfTheThresholdIsNotBelowIt) {
  Pose truth = Pose::Zero();
  truth.row(kLWrist) << 75, 100, 0;
  truth.row(kRAnkle) << 0, 800, 0;
  Pose predicted = truth;
  predicted(kLWrist, 0) = -75;
  Poses poses;
  poses.Add(predicted, truth);
  const Metrics m = poses.Measure()[0][0];
  EXPECT_DOUBLE_EQ(m.mpjpe, 150.0 / 17);
  EXPECT_DOUBLE_EQ(m.n_mpjpe, 150.0 / 17);
  EXPECT_DOUBLE_EQ(m.n_pck, 100 * 16.0 / 17);
  EXPECT_DOUBLE_EQ(m.n_pck_14, 100 * 13.0 / 14);
  EXPECT_DOUBLE_EQ(m.pck_14, 100 * 13.0 / 14);
  EXPECT_DOUBLE_EQ(m.auc_14, 100 * 13.0 / 14 * 30 / 31);

  poses.predicted[kLWrist * 3] = -74.9F;
  EXPECT_EQ(poses.Measure()[0][0].pck_14, 100);
}

// An error of 5 k mm is below the thresholds 5 (k + 1), ..., 150: 30 - k of 31.
TEST(Accumulator, AucCountsStrictlyAtEveryThreshold) {
  for (int k = 0; k <= 31; ++k) {
    Pose truth = Pose::Zero();
    truth.row(kRAnkle) << 0, 800, 0;
    Pose predicted = truth;
    predicted(kLWrist, 0) = 5 * k;
    Poses poses;
    poses.Add(predicted, truth);
    const Metrics m = poses.Measure({{"wrist", {kLWrist}}})[0][0];
    EXPECT_DOUBLE_EQ(m.auc_14, 100.0 * std::max(0, 30 - k) / 31) << k;
  }
}

// Only the pelvis, the spine and the head are wrong: no official joint is.
TEST(Accumulator, TheOfficialJointsLeaveOutPelvisSpineAndHead) {
  std::mt19937 random(3);
  const Pose truth = RandomPose(random);
  Pose predicted = truth;
  predicted.row(kSpine).array() += 400;
  predicted.row(kHead).array() += 400;
  Poses poses;
  poses.Add(predicted, truth);
  const auto result = poses.Measure({AllJoints(), {"middle", {kHip, kSpine, kHead}}});
  EXPECT_EQ(result[0][0].pck_14, 100);
  EXPECT_NEAR(result[1][0].mpjpe, 400 * std::sqrt(3) * 2 / 3, 1e-4);
  for (auto metric : {&Metrics::pck_14, &Metrics::auc_14, &Metrics::n_pck_14, &Metrics::n_auc_14})
    EXPECT_TRUE(IsAbsent(result[1][0].*metric));
}

TEST(Accumulator, VisibleAndOccludedMakeUpAll) {
  const Poses poses = NoisyPoses(50, 4);
  const auto result = poses.Measure({AllJoints(), kVisible, kOccluded});
  for (auto metric : {&Metrics::mpjpe, &Metrics::pa_mpjpe, &Metrics::n_mpjpe_lsq, &Metrics::n_auc})
    EXPECT_NEAR(result[0][0].*metric, (14 * result[1][0].*metric + 3 * result[2][0].*metric) / 17, 1e-9);
}

TEST(Accumulator, BadPosesAreCountedAndEnterNoMean) {
  const Poses good = NoisyPoses(40, 5);
  Poses poses = good;
  std::mt19937 random(6);
  Pose bad = RandomPose(random), fine = RandomPose(random);
  poses.Add(Pose::Zero(), fine);
  poses.Add(fine, Pose::Constant(3000));
  bad(4, 1) = std::numeric_limits<double>::quiet_NaN();
  poses.Add(bad, fine);
  poses.Add(fine, bad);
  bad(4, 1) = -std::numeric_limits<double>::infinity();
  poses.Add(bad, fine);
  Metrics found = poses.Measure()[0][0];
  EXPECT_EQ(found.poses, 40);
  EXPECT_EQ(found.rejected, 5);
  const Metrics expected = good.Measure()[0][0];
  for (const MetricField& field : kMetricFields)
    EXPECT_NEAR(found.*field.value, expected.*field.value, 1e-9) << field.name;
}

TEST(Accumulator, GroupsAreMeasuredApart) {
  Poses poses = NoisyPoses(90, 7);
  std::vector<int> group;
  Poses second;
  for (int i = 0; i < 90; ++i) {
    group.push_back(i % 3 == 1 ? 1 : 3);
    if (i % 3 != 1) continue;
    second.predicted.insert(second.predicted.end(), &poses.predicted[i * 51], &poses.predicted[i * 51] + 51);
    second.truth.insert(second.truth.end(), &poses.truth[i * 51], &poses.truth[i * 51] + 51);
  }
  poses.predicted[0] = std::numeric_limits<float>::quiet_NaN();  // pose 0, group 3
  group[2] = 2, poses.predicted[2 * 51] = std::numeric_limits<float>::infinity();
  const auto result = MeasurePoses(poses.predicted, poses.truth, {AllJoints()}, group, 4)[0];
  ASSERT_EQ(result.size(), 5U);
  EXPECT_EQ(result[1].poses, 30);
  EXPECT_NEAR(result[1].pa_mpjpe, second.Measure()[0][0].pa_mpjpe, 1e-9);
  EXPECT_EQ(result[3].poses, 58);
  EXPECT_EQ(result[3].rejected, 1);
  EXPECT_EQ(result[4].poses, 88);
  EXPECT_EQ(result[4].rejected, 2);
  EXPECT_NEAR(result[4].mpjpe, (30 * result[1].mpjpe + 58 * result[3].mpjpe) / 88, 1e-9);
  for (int empty : {0, 2}) {
    EXPECT_EQ(result[empty].poses, 0);
    EXPECT_EQ(result[empty].rejected, empty == 2 ? 1 : 0);
    for (const MetricField& field : kMetricFields) EXPECT_TRUE(IsAbsent(result[empty].*field.value));
  }
}

TEST(Accumulator, NoPosesMeansNoMetrics) {
  const Metrics m = Poses().Measure()[0][0];
  EXPECT_EQ(m.poses, 0);
  EXPECT_TRUE(IsAbsent(m.mpjpe));
}

TEST(Accumulator, TheNumberOfThreadsChangesNoBit) {
  const Poses poses = NoisyPoses(1001, 8);
  std::vector<int> group(1001);
  for (int i = 0; i < 1001; ++i) group[i] = i % 7;
  const std::vector<JointSubset> subsets = {AllJoints(), kOccluded};
  const auto one = MeasurePoses(poses.predicted, poses.truth, subsets, group, 7, 1);
  for (int threads : {0, 2, 3, 16}) {
    const auto many = MeasurePoses(poses.predicted, poses.truth, subsets, group, 7, threads);
    for (size_t s = 0; s < 2; ++s)
      for (int g = 0; g <= 7; ++g) ExpectSame(one[s][g], many[s][g]);
  }
}

std::string MessageOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Accumulator, RefusesWhatDoesNotFit) {
  const std::vector<float> two(102, 1.0F), one(51, 1.0F), odd(50, 1.0F);
  const std::vector<JointSubset> all = {AllJoints()};
  const std::vector<int> groups = {0, 1}, out_of_range = {0, 2};
  const auto measure = [&](const auto&... arguments) {
    return MessageOf([&] { MeasurePoses(arguments...); });
  };
  EXPECT_THAT(measure(one, two, all), HasSubstr("predicted"));
  EXPECT_THAT(measure(odd, odd, all), HasSubstr("51 numbers"));
  EXPECT_THAT(measure(one, one, all, groups, 2), HasSubstr("found 2"));
  EXPECT_THAT(measure(one, one, all, std::span<const int>(), 2), HasSubstr("found 0"));
  EXPECT_THAT(measure(two, two, all, groups, 0), HasSubstr("expected 0 group numbers"));
  EXPECT_THAT(measure(two, two, all, out_of_range, 2), HasSubstr("found 2 for pose 1"));
  EXPECT_THAT(measure(one, one, std::vector<JointSubset>{{"none", {}}}), HasSubstr("'none'"));
  EXPECT_THAT(measure(one, one, std::vector<JointSubset>{{"x", {17}}}), HasSubstr("found 17"));
  EXPECT_THAT(measure(one, one, std::vector<JointSubset>{{"x", {3, 3}}}), HasSubstr("3 twice"));
}

TEST(MeanOf, WeighsGroupsTheSameAndPassesOverAbsentOnes) {
  std::vector<Metrics> groups(3);
  groups[0].poses = 90;
  groups[0].mpjpe = 10;
  groups[0].pa_mpjpe = 1;
  groups[1].poses = 10;
  groups[1].mpjpe = 30;
  groups[2].rejected = 4;
  const Metrics mean = MeanOf(groups);
  EXPECT_EQ(mean.poses, 100);
  EXPECT_EQ(mean.rejected, 4);
  EXPECT_DOUBLE_EQ(mean.mpjpe, 20);
  EXPECT_DOUBLE_EQ(mean.pa_mpjpe, 1);
  EXPECT_TRUE(IsAbsent(mean.n_pck));
}

// The mean over the joints of their errors is the metric over all of them; rejected poses count in neither.
TEST(MeasureSplits, ErrorsOfJointsAverageToTheMetrics) {
  Poses poses;
  std::mt19937 random(5);
  for (int pose = 0; pose < 40; ++pose) {
    const Pose truth = RandomPose(random);
    poses.Add(truth + RandomPose(random, 50), truth);
  }
  poses.Add(Pose::Zero(), RandomPose(random));
  const Metrics all = poses.Measure()[0].back();
  const JointMeans joints = MeasureSplits(poses.predicted, poses.truth, {}, {{}}).joints;
  const auto mean = [](const std::array<double, kJoints>& errors) {
    return std::accumulate(errors.begin(), errors.end(), 0.0) / kJoints;
  };
  EXPECT_EQ(all.rejected, 1);
  EXPECT_NEAR(mean(joints.n_mpjpe), all.n_mpjpe, 1e-9);
  EXPECT_NEAR(mean(joints.pa_mpjpe), all.pa_mpjpe, 1e-9);
  EXPECT_NEAR(mean(joints.pa_mpjpe_reflection), all.pa_mpjpe_reflection, 1e-9);
  const Metrics wrist = poses.Measure({{"wrist", {kLWrist}}})[0].back();
  EXPECT_NEAR(joints.pa_mpjpe[kLWrist], wrist.pa_mpjpe, 1e-9);
}

}  // namespace
}  // namespace links
