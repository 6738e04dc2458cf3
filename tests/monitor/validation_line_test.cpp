#include "links/monitor/validation_line.h"

#include <gtest/gtest.h>

namespace links {
namespace {

TEST(ValidationLine, SaysErrorsFirstWithTheirChange) {
  EXPECT_EQ(
      ValidationLine("lifters", 12, 30,
                     {{"legs_torso/knees_forward", 0.981},
                      {"legs_torso/n_mpjpe", 70.12},
                      {"legs_torso/pa_mpjpe", 46.14},
                      {"legs_torso/pa_mpjpe_reflection", 45.9}},
                     {{"legs_torso/pa_mpjpe", 46.44}, {"legs_torso/n_mpjpe", 70.02}}),
      "lifters 12/30  legs_torso PA 46.1 mm (-0.3)  legs_torso N 70.1 mm (+0.1)  legs_torso knees 0.98");
}

TEST(ValidationLine, FitsTheWidth) {
  ValidationValues values;
  for (int i = 0; i < 20; ++i) values.emplace_back("composition" + std::to_string(i) + "/pa_mpjpe", 100 + i);
  for (const size_t width : {40u, 80u, 100u}) {
    const std::string line = ValidationLine("lifters", 1, 2, values, {}, width);
    EXPECT_LE(line.size(), width);
    EXPECT_GT(line.size(), width - 32);
  }
}

TEST(ValidationLine, WithoutAKnownValueIsTheEpochAlone) {
  EXPECT_EQ(ValidationLine("occlusion", 3, 4, {{"other", 1}}, {}), "occlusion 3/4");
}

}  // namespace
}  // namespace links
