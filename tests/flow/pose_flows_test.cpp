#include "links/flow/pose_flows.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <set>

#include "flow/own_flow.h"
#include "links/core/error.h"
#include "support/difference.h"

namespace links {
namespace {

using test::Difference;

struct Row {
  Segment segment;
  std::set<int> joints;  // without the root
  int64_t dimensions, with_root;
};

const Row kTable[] = {
    // docs/method.md sec. 2
    {Segment::kLegs, {1, 2, 3, 4, 5, 6}, 12, 14},
    {Segment::kTorso, {7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 20, 20},
    {Segment::kLeft, {4, 5, 6, 7, 8, 9, 10, 11, 12, 13}, 20, 22},
    {Segment::kRight, {1, 2, 3, 7, 8, 9, 10, 14, 15, 16}, 20, 22},
    {Segment::kFull, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 32, 34},
};

const FlowOptions kSmall{2, 8};

const std::vector<Segment> kParts = {Segment::kLegs, Segment::kTorso, Segment::kLeft, Segment::kRight};

PoseFlows MakeFlows(bool include_root = false, FlowOptions options = kSmall,
                    const std::vector<Segment>& segments = kParts) {
  torch::manual_seed(3);
  return PoseFlows(options, include_root, segments);
}

torch::Tensor RandomPose(int64_t count) {
  torch::Tensor pose = torch::randn({count, 17, 2}) / 10;
  pose.select(1, 0).zero_();
  return pose;
}

// All x, then all y of a segment's joints.
torch::Tensor PlainColumns(const Row& row, bool with_root, const torch::Tensor& pose) {
  std::vector<torch::Tensor> columns;
  for (int k : {0, 1}) {
    if (with_root && row.with_root != row.dimensions) columns.push_back(pose.select(1, 0).select(1, k));
    for (int joint : row.joints) columns.push_back(pose.select(1, joint).select(1, k));
  }
  return torch::stack(columns, 1);
}

// The flow of the segment by itself.
RealNvp FlowOf(PoseFlows& flows, Segment segment, const FlowOptions& options = kSmall) {
  if (segment == Segment::kFull) return flows->full();
  const auto& all = flows->segments();
  return test::OwnFlow(flows->stack(), std::find(all.begin(), all.end(), segment) - all.begin(), options);
}

TEST(PoseFlows, DimensionsAreThoseOfTheSegments) {
  PoseFlows without = MakeFlows(false), with = MakeFlows(true);
  for (const Row& row : kTable) {
    EXPECT_EQ(FlowOf(without, row.segment)->dimensions(), row.dimensions) << SegmentName(row.segment);
    EXPECT_EQ(FlowOf(with, row.segment)->dimensions(), row.with_root) << SegmentName(row.segment);
  }
  EXPECT_EQ(without->FullInput(RandomPose(3)).sizes(), torch::IntArrayRef({3, 32}));
  EXPECT_EQ(with->FullInput(RandomPose(3)).sizes(), torch::IntArrayRef({3, 34}));
}

TEST(PoseFlows, ASegmentsLikelihoodKnowsItsJointsOnly) {
  torch::manual_seed(1);
  for (bool include_root : {false, true}) {
    PoseFlows flows = MakeFlows(include_root);
    const torch::Tensor pose = RandomPose(1);
    for (const Row& row : kTable) {
      const torch::Tensor before = flows->NegativeLogLikelihood({row.segment}, pose);
      for (int joint = 0; joint < 17; ++joint) {
        const bool inside =
            row.joints.contains(joint) || (joint == 0 && row.with_root != row.dimensions && include_root);
        for (int k = 0; k < 2; ++k) {
          torch::Tensor moved = pose.clone();
          moved[0][joint][k] += 1;
          EXPECT_EQ(!torch::equal(flows->NegativeLogLikelihood({row.segment}, moved), before), inside)
              << SegmentName(row.segment) << ", joint " << joint << ", coordinate " << k;
        }
      }
    }
  }
}

TEST(PoseFlows, EverySegmentHasItsOwnFlowOfItsColumns) {
  for (bool include_root : {false, true}) {
    PoseFlows flows = MakeFlows(include_root);
    const torch::Tensor pose = RandomPose(4);
    for (const Row& row : kTable) {
      const torch::Tensor own =
          FlowOf(flows, row.segment)->NegativeLogLikelihood(PlainColumns(row, include_root, pose));
      const torch::Tensor nll = flows->NegativeLogLikelihood({row.segment}, pose);
      ASSERT_EQ(nll.sizes(), torch::IntArrayRef({1, 4}));
      EXPECT_LT(Difference(nll[0], own), 1e-4) << SegmentName(row.segment);
    }
  }
  PoseFlows flows = MakeFlows();
  const torch::Tensor columns = PlainColumns(kTable[2], false, RandomPose(2));
  EXPECT_FALSE(FlowOf(flows, Segment::kLeft)
                   ->NegativeLogLikelihood(columns)
                   .allclose(FlowOf(flows, Segment::kRight)->NegativeLogLikelihood(columns)));
}

TEST(PoseFlows, SegmentsAskedTogetherAnswerAsOneByOne) {
  PoseFlows flows = MakeFlows();
  const torch::Tensor views = RandomPose(4 * 5).view({4, 5, 17, 2});
  for (size_t first = 0; first < 4; ++first) {
    for (size_t last = first; last < 4; ++last) {
      const std::vector<Segment> which(kParts.begin() + first, kParts.begin() + last + 1);
      const auto from = static_cast<int64_t>(first), count = static_cast<int64_t>(which.size());
      const torch::Tensor each = flows->NegativeLogLikelihood(which, views.narrow(0, from, count));
      const torch::Tensor same = flows->NegativeLogLikelihood(which, views[0]);
      ASSERT_EQ(each.sizes(), torch::IntArrayRef({count, 5}));
      for (int64_t i = 0; i < count; ++i) {
        const auto own = [&](const torch::Tensor& poses) {
          return flows->NegativeLogLikelihood({which[static_cast<size_t>(i)]}, poses)[0];
        };
        EXPECT_LT(Difference(each[i], own(views[from + i])), 1e-4);
        EXPECT_LT(Difference(same[i], own(views[0])), 1e-4);
      }
    }
  }
  const torch::Tensor full = flows->NegativeLogLikelihood({Segment::kFull}, views.narrow(0, 1, 1));
  EXPECT_TRUE(full.equal(flows->NegativeLogLikelihood({Segment::kFull}, views[1])));
}

TEST(PoseFlows, FullInputIsCoordinateMajor) {
  PoseFlows flows = MakeFlows();
  const torch::Tensor pose = RandomPose(1), columns = flows->FullInput(pose);
  for (int joint = 1; joint <= 16; ++joint) {
    EXPECT_EQ(columns[0][joint - 1].item<float>(), pose[0][joint][0].item<float>());
    EXPECT_EQ(columns[0][16 + joint - 1].item<float>(), pose[0][joint][1].item<float>());
  }
}

TEST(PoseFlows, PoseIsTheInverseOfInputWithTheRootAtTheOrigin) {
  for (bool include_root : {false, true}) {
    PoseFlows flows = MakeFlows(include_root);
    const torch::Tensor pose = RandomPose(5);
    EXPECT_TRUE(torch::equal(flows->Pose(flows->FullInput(pose)), pose));
    torch::Tensor shifted = pose.clone();
    shifted.select(1, 0).fill_(3);
    EXPECT_TRUE(torch::equal(flows->Pose(flows->FullInput(shifted)), pose));
  }
}

TEST(PoseFlows, EachFlowIsStandardisedByItsOwnColumns) {
  FlowOptions options = kSmall;
  options.standardise = true;
  PoseFlows flows = MakeFlows(false, options);
  const torch::Tensor poses = RandomPose(60) + 0.3 * torch::randn({17, 2});
  flows->FitFull(poses);
  flows->FitSegments(poses);
  for (const Row& row : kTable) {
    RealNvp own = FlowOf(flows, row.segment, options);
    const torch::Tensor columns = PlainColumns(row, false, poses);
    const auto buffers = own->named_buffers();
    EXPECT_LT(Difference(buffers["standardise.mean"].flatten(), columns.mean(0)), 1e-6);
    EXPECT_LT(Difference(buffers["standardise.deviation"].flatten(), columns.std(0, false)), 1e-6);
    EXPECT_LT(Difference(flows->NegativeLogLikelihood({row.segment}, poses)[0],
                         own->NegativeLogLikelihood(columns)),
              1e-3)
        << SegmentName(row.segment);
  }
}

TEST(PoseFlows, MayHaveSomeSegmentsOrNone) {
  PoseFlows some = MakeFlows(false, kSmall, {Segment::kTorso, Segment::kRight});
  const torch::Tensor pose = RandomPose(3);
  const std::vector<Segment> both = {Segment::kTorso, Segment::kRight};
  const torch::Tensor nll = some->NegativeLogLikelihood(both, pose);
  for (int64_t i = 0; i < 2; ++i) {
    const Row& row = kTable[i == 0 ? 1 : 3];
    const torch::Tensor own =
        FlowOf(some, row.segment)->NegativeLogLikelihood(PlainColumns(row, false, pose));
    EXPECT_LT(Difference(nll[i], own), 1e-4);
  }
  PoseFlows none = MakeFlows(false, kSmall, {});
  EXPECT_TRUE(none->stack().is_empty());
  EXPECT_EQ(none->NegativeLogLikelihood({Segment::kFull}, pose).sizes(), torch::IntArrayRef({1, 3}));
  EXPECT_THROW(none->NegativeLogLikelihood({Segment::kLegs}, pose), Error);
}

TEST(PoseFlows, RefusesOtherSegments) {
  PoseFlows flows = MakeFlows();
  const torch::Tensor pose = RandomPose(2);
  using S = Segment;
  for (const std::vector<Segment>& which : std::vector<std::vector<Segment>>{
           {}, {S::kTorso, S::kLegs}, {S::kLegs, S::kLeft}, {S::kRight, S::kFull}}) {
    EXPECT_THROW(flows->NegativeLogLikelihood(which, pose), Error);
  }
}

TEST(PoseFlows, RefusesOtherPoses) {
  PoseFlows flows = MakeFlows();
  EXPECT_THROW(flows->FullInput(torch::zeros({2, 16, 2})), Error);
  EXPECT_THROW(flows->NegativeLogLikelihood({Segment::kFull}, torch::zeros({2, 17, 3})), Error);
  EXPECT_THROW(flows->NegativeLogLikelihood({Segment::kLegs}, torch::zeros({2, 16, 2})), Error);
  EXPECT_THROW(flows->NegativeLogLikelihood({Segment::kLegs}, torch::zeros({2, 17, 3})), Error);
  EXPECT_THROW(flows->NegativeLogLikelihood({Segment::kLegs}, torch::zeros({2, 5, 17, 2})), Error);
}

}  // namespace
}  // namespace links
