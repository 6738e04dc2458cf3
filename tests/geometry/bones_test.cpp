#include "links/geometry/bones.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "support/plain_poses.h"

namespace links {
namespace {

TEST(RelativeBoneLengths, AreThoseOfPlainLoops) {
  torch::manual_seed(4);
  const torch::Tensor poses = torch::randn({2, 3, 17, 3}, torch::kFloat64);
  const torch::Tensor relative = RelativeBoneLengths(poses);
  ASSERT_EQ(relative.sizes(), (std::vector<int64_t>{2, 3, 16}));
  const test::Poses plain = test::ToPlain(poses.flatten(0, 1));
  for (int64_t pose = 0; pose < 6; ++pose) {
    const auto expected = test::PlainRelativeBones(plain[pose]);
    for (int64_t bone = 0; bone < 16; ++bone) {
      EXPECT_NEAR(relative.flatten(0, 1)[pose][bone].item<double>(), expected[bone], 1e-12)
          << "bone " << bone;
    }
  }
}

}  // namespace
}  // namespace links
