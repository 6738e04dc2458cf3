#include "links/flow/pose_flows.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <set>

#include "links/core/error.h"
#include "support/difference.h"

namespace links {
namespace {

struct Row {
  Segment segment;
  std::set<int> joints;  // without the root
  int64_t dimensions, with_root;
};

const Row kTable[] = {
    // method sec. 2
    {Segment::kLegs, {1, 2, 3, 4, 5, 6}, 12, 14},
    {Segment::kTorso, {7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 20, 20},
    {Segment::kLeft, {4, 5, 6, 7, 8, 9, 10, 11, 12, 13}, 20, 22},
    {Segment::kRight, {1, 2, 3, 7, 8, 9, 10, 14, 15, 16}, 20, 22},
    {Segment::kFull, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 32, 34},
};

const FlowOptions kSmall{2, 8};

torch::Tensor RandomPose(int64_t count) {
  torch::Tensor pose = torch::randn({count, 17, 2}) / 10;
  pose.select(1, 0).zero_();
  return pose;
}

TEST(PoseFlows, DimensionsAreThoseOfTheSegments) {
  PoseFlows without(kSmall, false), with(kSmall, true);
  for (const Row& row : kTable) {
    EXPECT_EQ(without->flow(row.segment)->dimensions(), row.dimensions) << SegmentName(row.segment);
    EXPECT_EQ(with->flow(row.segment)->dimensions(), row.with_root) << SegmentName(row.segment);
    EXPECT_EQ(without->Input(row.segment, RandomPose(3)).sizes(), torch::IntArrayRef({3, row.dimensions}));
    EXPECT_EQ(with->Input(row.segment, RandomPose(3)).sizes(), torch::IntArrayRef({3, row.with_root}));
  }
}

TEST(PoseFlows, ASegmentsLikelihoodKnowsItsJointsOnly) {
  torch::manual_seed(1);
  for (bool include_root : {false, true}) {
    PoseFlows flows(kSmall, include_root);
    const torch::Tensor pose = RandomPose(1);
    for (const Row& row : kTable) {
      const torch::Tensor before = flows->NegativeLogLikelihood(row.segment, pose);
      for (int joint = 0; joint < 17; ++joint) {
        const bool inside =
            row.joints.contains(joint) || (joint == 0 && row.with_root != row.dimensions && include_root);
        for (int k = 0; k < 2; ++k) {
          torch::Tensor moved = pose.clone();
          moved[0][joint][k] += 1;
          EXPECT_EQ(!torch::equal(flows->NegativeLogLikelihood(row.segment, moved), before), inside)
              << SegmentName(row.segment) << ", joint " << joint << ", coordinate " << k;
        }
      }
    }
  }
}

TEST(PoseFlows, EverySegmentHasItsOwnFlow) {
  PoseFlows flows(kSmall, false);
  const torch::Tensor pose = RandomPose(2);
  for (const Row& row : kTable) {
    const torch::Tensor own =
        flows->flow(row.segment)->NegativeLogLikelihood(flows->Input(row.segment, pose));
    EXPECT_TRUE(torch::equal(flows->NegativeLogLikelihood(row.segment, pose), own));
  }
  const torch::Tensor columns = flows->Input(Segment::kLeft, pose);
  EXPECT_FALSE(torch::equal(flows->flow(Segment::kLeft)->NegativeLogLikelihood(columns),
                            flows->flow(Segment::kRight)->NegativeLogLikelihood(columns)));
}

TEST(PoseFlows, InputIsCoordinateMajor) {
  PoseFlows flows(kSmall, false);
  const torch::Tensor pose = RandomPose(1), columns = flows->Input(Segment::kLegs, pose);
  for (int joint = 1; joint <= 6; ++joint) {
    EXPECT_EQ(columns[0][joint - 1].item<float>(), pose[0][joint][0].item<float>());
    EXPECT_EQ(columns[0][6 + joint - 1].item<float>(), pose[0][joint][1].item<float>());
  }
}

TEST(PoseFlows, PoseIsTheInverseOfInputWithTheRootAtTheOrigin) {
  for (bool include_root : {false, true}) {
    PoseFlows flows(kSmall, include_root);
    const torch::Tensor pose = RandomPose(5);
    EXPECT_TRUE(torch::equal(flows->Pose(flows->Input(Segment::kFull, pose)), pose));
    torch::Tensor shifted = pose.clone();
    shifted.select(1, 0).fill_(3);
    EXPECT_TRUE(torch::equal(flows->Pose(flows->Input(Segment::kFull, shifted)), pose));
  }
}

TEST(PoseFlows, RefusesOtherPoses) {
  PoseFlows flows(kSmall, false);
  EXPECT_THROW(flows->Input(Segment::kLegs, torch::zeros({2, 16, 2})), Error);
  EXPECT_THROW(flows->NegativeLogLikelihood(Segment::kFull, torch::zeros({2, 17, 3})), Error);
}

}  // namespace
}  // namespace links
