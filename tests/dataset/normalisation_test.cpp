#include "links/dataset/normalisation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <functional>

#include "links/core/error.h"
#include "links/core/random.h"
#include "links/skeleton/skeleton.h"
#include "support/difference.h"
#include "support/hide_joints.h"

namespace links {
namespace {

PoseData RandomPoses(int count, uint64_t seed) {
  Random random(seed);
  PoseData poses;
  for (int i = 0; i < count * kJoints; ++i) {
    for (int k = 0; k < 2; ++k) poses.keypoints_2d.push_back(static_cast<float>(random.Normal(500, 80)));
    for (int k = 0; k < 3; ++k) poses.joints_3d.push_back(static_cast<float>(random.Normal(4000, 300)));
  }
  return poses;
}

float& Pixel(PoseData& poses, int pose, int joint, int k) {
  return poses.keypoints_2d[(pose * kJoints + joint) * 2 + k];
}
float& Millimetre(PoseData& poses, int pose, int joint, int k) {
  return poses.joints_3d[(pose * kJoints + joint) * 3 + k];
}

// Two poses that are all root, but for the head top: 30, 40 px and 0, 150 px away: mean distance 100 px.
PoseData TwoPoses() {
  PoseData poses;
  poses.keypoints_2d.assign(2 * kJoints * 2, 200);
  Pixel(poses, 0, kHeadTop, 0) = 230;
  Pixel(poses, 0, kHeadTop, 1) = 160;
  Pixel(poses, 1, kHeadTop, 1) = 50;
  return poses;
}

TEST(Normalisation, ByHand) {
  PoseData poses = TwoPoses();
  const Normalisation constants = Normalisation::Of(poses);
  EXPECT_DOUBLE_EQ(constants.head_root_px, 100);
  EXPECT_EQ(constants.mm_per_unit, 0);
  Pixel(poses, 1, kLWrist, 0) = 450;  // 250 px right of the root
  const torch::Tensor keypoints = constants.Keypoints(poses);
  EXPECT_EQ(keypoints.sizes(), torch::IntArrayRef({2, 17, 2}));
  EXPECT_EQ(keypoints.dtype(), torch::kFloat32);
  EXPECT_FLOAT_EQ(keypoints[0][kHeadTop][0].item<float>(), 0.03f);
  EXPECT_FLOAT_EQ(keypoints[0][kHeadTop][1].item<float>(), -0.04f);
  EXPECT_FLOAT_EQ(keypoints[1][kHeadTop][1].item<float>(), -0.15f);
  EXPECT_FLOAT_EQ(keypoints[1][kLWrist][0].item<float>(), 0.25f);
}

// Three people in two files, the last one four times as large in the image.
TEST(Normalisation, ScaleOfAFileOrAPersonIsTheMeanOverItsPoses) {
  PoseData poses = RandomPoses(40, 8);
  for (size_t i = 0; i < 40; ++i) {
    poses.file.push_back(i < 30 ? 0 : 1);
    poses.subject.emplace_back(i % 3 == 0 && i < 30 ? "A" : "B");
    if (i >= 30)
      for (size_t k = 0; k < 34; ++k) poses.keypoints_2d[34 * i + k] *= 4;
  }
  const auto mean_of = [&](const std::function<bool(size_t)>& belongs) {
    double sum = 0, count = 0;
    for (size_t i = 0; i < 40; ++i) {
      if (!belongs(i)) continue;
      const auto difference = [&](int k) {
        return static_cast<double>(Pixel(poses, static_cast<int>(i), kHeadTop, k)) -
               Pixel(poses, static_cast<int>(i), kRoot, k);
      };
      sum += std::hypot(difference(0), difference(1));
      count += 1;
    }
    return sum / count;
  };
  for (const ScaleOf scale : {ScaleOf::kDataset, ScaleOf::kSource, ScaleOf::kPerson}) {
    const Normalisation constants = Normalisation::Of(poses, scale);
    EXPECT_NEAR(constants.head_root_px, mean_of([](size_t) { return true; }), 1e-3) << "told of all together";
    const torch::Tensor keypoints = constants.Keypoints(poses);
    ASSERT_EQ(keypoints.scalar_type(), torch::kFloat32);
    for (size_t i = 0; i < 40; ++i) {
      const double own = mean_of([&](size_t other) {
        return scale == ScaleOf::kDataset ||
               (poses.file[other] == poses.file[i] &&
                (scale == ScaleOf::kSource || poses.subject[other] == poses.subject[i]));
      });
      const int pose = static_cast<int>(i);
      const double px = static_cast<double>(Pixel(poses, pose, kLWrist, 0)) - Pixel(poses, pose, kRoot, 0);
      EXPECT_NEAR(keypoints[pose][kLWrist][0].item<double>(), px / (10 * own), 1e-6) << i;
    }
  }
}

// Person A is seen whole and without legs, B from the hips down only and twice as large, C nowhere whole.
TEST(Normalisation, PeopleWithoutAHeadAreScaledByTheirBones) {
  PoseData poses = RandomPoses(12, 9);
  for (int64_t row = 0; row < 12; ++row) {
    poses.subject.emplace_back(row < 6 ? "A" : row < 9 ? "B" : "C");
    if (row == 4 || row == 5) test::HideJoints(poses, row, test::kLegJoints);
    if (row >= 6 && row < 9) test::HideJoints(poses, row, test::kTorsoJoints);
    if (row >= 9) test::HideJoints(poses, row, {kLWrist, row == 9 ? kLHip : kRKnee});
  }
  PoseData whole = poses;
  whole.keypoints_2d.resize(4 * 34);
  whole.joints_3d.resize(4 * 51);
  whole.subject.resize(4);
  const auto length = [&](int pose, int a, int b) {
    return std::hypot(static_cast<double>(Pixel(poses, pose, a, 0)) - Pixel(poses, pose, b, 0),
                      static_cast<double>(Pixel(poses, pose, a, 1)) - Pixel(poses, pose, b, 1));
  };
  const auto mean_head = [&](int first, int end) {
    double sum = 0;
    for (int pose = first; pose < end; ++pose) sum += length(pose, kHeadTop, kRoot) / (end - first);
    return sum;
  };
  // B: pixels of the six leg bones over their means in units of A's head and root.
  double px = 0, units = 0;
  for (const auto& [parent, child] : kBoneList) {
    if (child > 6) continue;
    for (int pose = 6; pose < 9; ++pose) px += length(pose, parent, child);
    for (int pose = 0; pose < 4; ++pose) units += 3 * length(pose, parent, child) / 4 / mean_head(0, 4);
  }
  const Normalisation constants = Normalisation::Of(whole, ScaleOf::kPerson);
  const torch::Tensor keypoints = constants.Keypoints(poses);
  const auto scale = [&](int pose) {
    return (static_cast<double>(Pixel(poses, pose, kRHip, 0)) - Pixel(poses, pose, kRoot, 0)) /
           (10 * keypoints[pose][kRHip][0].item<double>());
  };
  EXPECT_NEAR(scale(2), mean_head(0, 6), 1e-2) << "a head that is seen counts also where legs are not";
  EXPECT_NEAR(scale(7), px / units, 1e-2);
  EXPECT_NEAR(scale(10), mean_head(9, 12), 1e-2);
  EXPECT_TRUE(keypoints[7][kHeadTop].isnan().all().item<bool>());
  EXPECT_FALSE(keypoints[7].narrow(0, 0, 7).isnan().any().item<bool>());
  // Constants that know no bones, as those of a checkpoint, say so.
  Normalisation stored = constants;
  stored.bones = {};
  EXPECT_THAT([&] { stored.Keypoints(poses); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("in some pose of every person")));
}

TEST(Normalisation, APersonWithoutExtentIsRefused) {
  PoseData poses = RandomPoses(4, 8);
  poses.subject = {"A", "A", "B", "A"};
  for (size_t k = 0; k < 34; ++k) poses.keypoints_2d[2 * 34 + k] = 7;
  EXPECT_THROW(Normalisation::Of(poses, ScaleOf::kPerson).Keypoints(poses), Error);
}

TEST(Normalisation, MillimetresPerUnitAreParallelToTheImage) {
  PoseData poses = TwoPoses();
  poses.joints_3d.assign(2 * kJoints * 3, 4000);
  Millimetre(poses, 0, kHeadTop, 0) += 300;
  Millimetre(poses, 0, kHeadTop, 1) -= 400;
  Millimetre(poses, 0, kHeadTop, 2) += 999;  // depth does not count
  Millimetre(poses, 1, kHeadTop, 1) -= 700;
  EXPECT_DOUBLE_EQ(Normalisation::Of(poses).mm_per_unit, 600);
}

TEST(Normalisation, MeanHeadRootDistanceIsOneTenthAndTheRootIsTheOrigin) {
  const PoseData poses = RandomPoses(50, 1);
  const torch::Tensor keypoints = Normalisation::Of(poses).Keypoints(poses);
  double sum = 0;
  for (int pose = 0; pose < 50; ++pose) {
    sum +=
        std::hypot(keypoints[pose][kHeadTop][0].item<double>(), keypoints[pose][kHeadTop][1].item<double>());
    EXPECT_EQ(keypoints[pose][kRoot].abs().max().item<double>(), 0);
  }
  EXPECT_NEAR(sum / 50, 0.1, 1e-7);
}

TEST(Normalisation, OneConstantServesEveryDataSet) {
  const Normalisation constants = Normalisation::Of(TwoPoses());
  PoseData poses = RandomPoses(5, 2);
  const torch::Tensor keypoints = constants.Keypoints(poses);
  const double expected = (Pixel(poses, 3, kRKnee, 1) - Pixel(poses, 3, kRoot, 1)) / 1000.0;
  EXPECT_NEAR(keypoints[3][kRKnee][1].item<double>(), expected, 1e-7);
}

TEST(Normalisation, RefusesPosesWithoutExtent) {
  PoseData poses;
  EXPECT_THROW(Normalisation::Of(poses), Error);
  poses.keypoints_2d.assign(3 * kJoints * 2, 200);
  EXPECT_THAT([&] { Normalisation::Of(poses); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("head top and root differ")));
}

TEST(RootCentredJoints, SubtractsTheRoot) {
  PoseData poses = RandomPoses(4, 3);
  const torch::Tensor joints = RootCentredJoints(poses);
  ASSERT_EQ(joints.sizes(), torch::IntArrayRef({4, 17, 3}));
  for (int k = 0; k < 3; ++k) {
    EXPECT_EQ(joints[2][kRoot][k].item<float>(), 0);
    EXPECT_EQ(joints[2][kLAnkle][k].item<float>(),
              Millimetre(poses, 2, kLAnkle, k) - Millimetre(poses, 2, kRoot, k));
  }
}

TEST(RootCentredJoints, OwnsItsNumbers) {
  PoseData poses = RandomPoses(1, 4);
  const torch::Tensor joints = RootCentredJoints(poses), before = joints.clone();
  poses.joints_3d.assign(poses.joints_3d.size(), -1);
  EXPECT_TRUE(torch::equal(joints, before));
}

TEST(RootCentredJoints, NamesTheSourceThatHasNone) {
  PoseData poses = TwoPoses();
  poses.source = "flat.h5";
  EXPECT_THAT([&] { RootCentredJoints(poses); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("flat.h5")));
}

}  // namespace
}  // namespace links
