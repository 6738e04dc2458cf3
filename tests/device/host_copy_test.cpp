#include "links/device/host_copy.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <thread>

#include "links/core/error.h"
#include "links/device/failure.h"

namespace links {
namespace {

TEST(HostCopy, IsOfTheMomentItWasAskedFor) {
  torch::Tensor all = torch::arange(6., torch::kFloat64).view({2, 3});
  const torch::Tensor part = all.select(1, 1), count = torch::scalar_tensor(7, torch::kInt64);
  HostCopy copy({part, count});
  all.zero_();
  std::vector<torch::Tensor> got;
  std::thread([&] { got = copy.Get(); }).join();
  ASSERT_EQ(got.size(), 2u);
  EXPECT_TRUE(got[0].equal(torch::tensor({1., 4.}, torch::kFloat64)));
  EXPECT_TRUE(got[1].equal(count));
}

TEST(ReasonOf, LeavesOutLibTorchsFunctions) {
  try {
    torch::zeros({2, 3}) + torch::zeros({4});
    FAIL() << "shapes that do not fit";
  } catch (const std::exception& error) {
    EXPECT_EQ(ReasonOf(error).find("Exception raised from"), std::string::npos) << ReasonOf(error);
    EXPECT_NE(std::string(error.what()).find(ReasonOf(error)), std::string::npos);
  }
  EXPECT_EQ(ReasonOf(Error("expected 1, found 2")), "expected 1, found 2");
}

}  // namespace
}  // namespace links
