#include "links/inference/coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace links {
namespace {

std::array<bool, kJoints> Without(std::initializer_list<int> missing) {
  std::array<bool, kJoints> seen;
  seen.fill(true);
  for (int joint : missing) seen[joint] = false;
  return seen;
}

TEST(Coverage, CountsWhatEachWayCanLift) {
  Coverage coverage;
  coverage.Add(Without({}));                                              // all three
  coverage.Add(Without({kLWrist}));                                       // left arm
  coverage.Add(Without({kLWrist, kLHip}));                                // left side
  coverage.Add(Without({kLWrist, kRAnkle}));                              // across the body
  coverage.Add(Without({kHip}));                                          // no root
  coverage.Add(Without({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}));     // four joints
  coverage.Add(Without({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}));  // three
  EXPECT_EQ(coverage.people(), 7);
  EXPECT_EQ(coverage.full(), 1);
  EXPECT_EQ(coverage.scenarios(), 3);
  EXPECT_EQ(coverage.completed(), 6);
  EXPECT_THAT(coverage.Text(), testing::HasSubstr("completion, at least 4 joints seen: 6 (85.7 %)"));
}

TEST(Coverage, OfNobodyIsZero) {
  EXPECT_THAT(Coverage().Text(), testing::HasSubstr("people: 0"));
}

}  // namespace
}  // namespace links
