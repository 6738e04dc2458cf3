#include "links/dataset/columns.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace links {
namespace {

TEST(JointSelect, GathersJointsInTheOrderGiven) {
  torch::manual_seed(1);
  const torch::Tensor pose = torch::randn({3, 17, 2});
  JointSelect select(std::vector<int>{16, 0, 7});
  const torch::Tensor joints = select(pose);
  ASSERT_EQ(joints.sizes(), torch::IntArrayRef({3, 3, 2}));
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(torch::equal(joints[i][0], pose[i][16]));
    EXPECT_TRUE(torch::equal(joints[i][1], pose[i][0]));
    EXPECT_TRUE(torch::equal(joints[i][2], pose[i][7]));
  }
}

TEST(JointSelect, TheIndicesAreABufferAndNoParameter) {
  JointSelect select(std::vector<int>{1, 2});
  EXPECT_EQ(select->named_buffers().size(), 1u);
  EXPECT_TRUE(select->parameters().empty());
}

TEST(Flatten, IsCoordinateMajor) {
  const torch::Tensor joints = torch::tensor({{{1., 10., 100.}, {2., 20., 200.}}});  // two joints (x, y, z)
  EXPECT_TRUE(torch::equal(Flatten(joints), torch::tensor({{1., 2., 10., 20., 100., 200.}})));
}

TEST(Flatten, UnflattenIsTheInverse) {
  torch::manual_seed(2);
  for (int64_t coordinates : {2, 3}) {
    const torch::Tensor joints = torch::randn({4, 6, coordinates}),
                        columns = torch::randn({4, 6 * coordinates});
    EXPECT_TRUE(torch::equal(Unflatten(Flatten(joints), coordinates), joints));
    EXPECT_TRUE(torch::equal(Flatten(Unflatten(columns, coordinates)), columns));
  }
}

}  // namespace
}  // namespace links
