#include "links/dataset/partial_poses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <vector>

namespace links {
namespace {

using testing::HasSubstr;

// Pose i has the number i + 1 everywhere, and (0, 0) at the root; some lack joints.
torch::Tensor SomePoses() {
  torch::Tensor poses = torch::arange(1, 8, torch::kFloat32).view({7, 1, 1}).repeat({1, 17, 2});
  poses.select(1, 0).zero_();
  const auto hide = [&](int64_t pose, int64_t first, int64_t count) {
    poses[pose].narrow(0, first, count).fill_(std::nan(""));
  };
  hide(0, 7, 10);  // legs alone
  hide(2, 1, 6);   // torso alone
  hide(3, 13, 1);  // without a left wrist: legs and right
  hide(4, 0, 17);  // nothing
  hide(6, 14, 2);  // without a right shoulder and elbow: legs and left
  return poses;    // 1 and 5 are complete
}

std::vector<int> Numbers(const PartialPoses& partial, const torch::Tensor& rows) {
  std::vector<int> numbers;
  for (int64_t i = 0; i < rows.size(0); ++i) {
    const torch::Tensor pose = partial.poses[rows[i].item<int64_t>()];
    numbers.push_back(pose.max().item<int>() - 1);
  }
  return numbers;
}

TEST(PartialPoses, EachServesTheSegmentsThatItShows) {
  const PartialPoses partial(SomePoses());
  EXPECT_TRUE(partial.Any());
  EXPECT_EQ(partial.complete, 2);
  EXPECT_EQ(Numbers(partial, partial.Complete()), (std::vector{1, 5}));
  EXPECT_EQ(Numbers(partial, partial.PartialWith(Segment::kLegs)), (std::vector{0, 3, 6}));
  EXPECT_EQ(Numbers(partial, partial.PartialWith(Segment::kTorso)), (std::vector{2}));
  EXPECT_EQ(Numbers(partial, partial.PartialWith(Segment::kLeft)), (std::vector{6}));
  EXPECT_EQ(Numbers(partial, partial.PartialWith(Segment::kRight)), (std::vector{3}));
  EXPECT_EQ(Numbers(partial, partial.PartialWith(Segment::kFull)), (std::vector<int>{}));
  EXPECT_EQ(Numbers(partial, partial.With(Segment::kLegs)), (std::vector{1, 5, 0, 3, 6}));
  EXPECT_THAT(partial.Text(), HasSubstr("of 2 of 7 poses, legs of 5, torso of 3, left of 3, right of 3"));
}

TEST(PartialPoses, JointsThatWereNotSeenLieAtTheRoot) {
  const torch::Tensor poses = SomePoses();
  const PartialPoses partial(poses);
  EXPECT_FALSE(partial.poses.isnan().any().item<bool>());
  const int64_t legs = partial.PartialWith(Segment::kLegs)[0].item<int64_t>();
  EXPECT_TRUE(partial.poses[legs].narrow(0, 0, 7).equal(poses[0].narrow(0, 0, 7)));
  EXPECT_EQ(partial.poses[legs].narrow(0, 7, 10).abs().max().item<double>(), 0);
}

TEST(PartialPoses, WithoutTheRootNothingIsShown) {
  torch::Tensor poses = torch::ones({3, 17, 2});
  poses[1][0].fill_(std::nan(""));
  const PartialPoses partial(poses);
  for (const Segment segment : kSegments) EXPECT_EQ(partial.PartialWith(segment).size(0), 0);
}

TEST(PartialPoses, CompleteOnesAreAsTheyWere) {
  EXPECT_FALSE(PartialPoses().Any());
  const torch::Tensor poses = torch::randn({5, 17, 2});
  const PartialPoses partial(poses);
  EXPECT_FALSE(partial.Any());
  EXPECT_TRUE(partial.poses.equal(poses));
}

}  // namespace
}  // namespace links
