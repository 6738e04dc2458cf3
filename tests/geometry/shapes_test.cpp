#include "links/geometry/shapes.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "links/core/error.h"

namespace links {
namespace {

std::string Complaint(const torch::Tensor& tensor, std::initializer_list<int64_t> shape) {
  try {
    CheckShape(tensor, shape, "keypoints");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(CheckShape, AcceptsTheShape) {
  EXPECT_EQ(Complaint(torch::zeros({4, 17, 2}), {4, 17, 2}), "");
  EXPECT_EQ(Complaint(torch::zeros({4, 17, 2}), {-1, 17, -1}), "");
  EXPECT_EQ(Complaint(torch::zeros({0, 17, 2}), {-1, 17, 2}), "");
  EXPECT_EQ(Complaint(torch::zeros({}), {}), "");
}

TEST(CheckShape, SaysWhatWasExpectedAndFound) {
  EXPECT_EQ(Complaint(torch::zeros({4, 16, 2}), {-1, 17, 2}),
            "expected keypoints of shape (any, 17, 2), found [4, 16, 2]");
  EXPECT_EQ(Complaint(torch::zeros({17, 2}), {-1, 17, 2}),
            "expected keypoints of shape (any, 17, 2), found [17, 2]");
  EXPECT_EQ(Complaint(torch::zeros({4, 17, 2, 1}), {4, 17, 2}),
            "expected keypoints of shape (4, 17, 2), found [4, 17, 2, 1]");
  EXPECT_EQ(Complaint({}, {-1, 2}), "expected keypoints of shape (any, 2), found an undefined tensor");
}

TEST(CheckLastSizes, LetsAnyDimensionsLead) {
  for (const auto& tensor : {torch::zeros({17, 2}), torch::zeros({4, 17, 2}), torch::zeros({3, 0, 17, 2})}) {
    EXPECT_NO_THROW(CheckLastSizes(tensor, {17, 2}, "keypoints"));
    EXPECT_NO_THROW(CheckLastSizes(tensor, {-1, 2}, "keypoints"));
  }
}

TEST(CheckLastSizes, SaysWhatWasExpectedAndFound) {
  const auto complaint = [](const torch::Tensor& tensor) -> std::string {
    try {
      CheckLastSizes(tensor, {-1, 2}, "keypoints");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(complaint(torch::zeros({4, 17, 3})),
            "expected keypoints of shape (..., any, 2), found [4, 17, 3]");
  EXPECT_EQ(complaint(torch::zeros({2})), "expected keypoints of shape (..., any, 2), found [2]");
  EXPECT_EQ(complaint({}), "expected keypoints of shape (..., any, 2), found an undefined tensor");
}

TEST(CheckPoses, TellsPosesForAllNetworksFromOnesOfEach) {
  EXPECT_NO_THROW(CheckPoses(torch::zeros({5, 17, 2}), /*stack=*/4, /*runs=*/1));
  EXPECT_NO_THROW(CheckPoses(torch::zeros({4, 5, 17, 2}), 4, 1));
  EXPECT_NO_THROW(CheckPoses(torch::zeros({3, 5, 17, 2}), 4, /*runs=*/3));
  EXPECT_NO_THROW(CheckPoses(torch::zeros({4, 3, 5, 17, 2}), 4, 3));
  for (const auto& wrong :
       {torch::zeros({3, 5, 17, 2}), torch::zeros({5, 16, 2}), torch::zeros({17, 2}), torch::Tensor()})
    EXPECT_THROW(CheckPoses(wrong, 4, 1), Error);
  for (const auto& wrong :
       {torch::zeros({5, 17, 2}), torch::zeros({4, 5, 17, 2}), torch::zeros({3, 4, 5, 17, 2})})
    EXPECT_THROW(CheckPoses(wrong, 4, 3), Error);
}

TEST(InsertAxes, KeepsTheOthersInTheirOrder) {
  const torch::Tensor tensor = torch::arange(6).view({2, 3});
  EXPECT_EQ(InsertAxes(tensor, 1, 4).sizes(), torch::IntArrayRef({2, 1, 1, 3}));
  EXPECT_TRUE(InsertAxes(tensor, 0, 3)[0].equal(tensor));
  EXPECT_TRUE(InsertAxes(tensor, 1, 2).equal(tensor));
}

TEST(SumInOrder, IsTheSameToTheBitInEveryLayout) {
  torch::manual_seed(1);
  const torch::Tensor values = torch::randn({33, 5}) * torch::randn({33, 5}).exp();
  const torch::Tensor together = SumInOrder(values);
  EXPECT_TRUE(torch::allclose(together, values.sum(0), 1e-4, 1e-4));
  for (int64_t run = 0; run < 5; ++run)
    EXPECT_TRUE(SumInOrder(values.select(1, run).contiguous()).equal(together[run])) << run;
  EXPECT_TRUE(SumInOrder(values.narrow(0, 3, 1)).equal(values[3]));
}

}  // namespace
}  // namespace links
