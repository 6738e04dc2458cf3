#include "links/dataset/runs.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace links {
namespace {

constexpr int64_t kKinds = 3, kRuns = 2, kBatch = 4;

TEST(Runs, NetworkSOfRunRIsNumberSTimesRunsPlusR) {
  const torch::Tensor by_batch = torch::randn({kKinds, kRuns * kBatch, 5});
  const torch::Tensor by_network = SplitRuns(by_batch, kRuns);
  ASSERT_EQ(by_network.sizes(), torch::IntArrayRef({kKinds * kRuns, kBatch, 5}));
  for (int64_t s = 0; s < kKinds; ++s)
    for (int64_t r = 0; r < kRuns; ++r)
      for (int64_t b = 0; b < kBatch; ++b)
        EXPECT_TRUE(by_network[s * kRuns + r][b].equal(by_batch[s][r * kBatch + b]));
  EXPECT_TRUE(JoinRuns(by_network, kRuns).equal(by_batch));
  for (int64_t r = 0; r < kRuns; ++r) {
    const torch::Tensor own = PartOfRun(by_network, r, kRuns);
    ASSERT_EQ(own.size(0), kKinds);
    for (int64_t s = 0; s < kKinds; ++s) EXPECT_TRUE(own[s].equal(by_network[s * kRuns + r]));
  }
}

TEST(Runs, APartIsAView) {
  torch::Tensor all = torch::zeros({kKinds * kRuns, 2});
  PartOfRun(all, 1, kRuns).fill_(1);
  EXPECT_EQ(all.sum().item<float>(), kKinds * 2);
  EXPECT_EQ(all[0].sum().item<float>(), 0);
}

TEST(Runs, AppendedRowsFollowThoseOfTheirRun) {
  for (const int64_t dim : {0, 1}) {
    const torch::Tensor a = torch::randn({kRuns * 2, 3}), b = torch::randn({kRuns * 1, 3});
    const auto turned = [&](const torch::Tensor& rows) { return dim == 0 ? rows : rows.t(); };
    const torch::Tensor both = turned(AppendByRun(turned(a), turned(b), kRuns, dim));
    EXPECT_TRUE(both.equal(torch::stack({a[0], a[1], b[0], a[2], a[3], b[1]})));
  }
}

}  // namespace
}  // namespace links
