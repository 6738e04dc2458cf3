#include "links/dataset/features.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

namespace links {
namespace {

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
