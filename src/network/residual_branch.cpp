#include "links/network/residual_branch.h"

#include <torch/nn/modules/container/modulelist.h>
#include <torch/types.h>

namespace links {

ResidualBranchImpl::ResidualBranchImpl(int64_t width, int64_t blocks, const torch::Tensor& outputs,
                                       double head_gain)
    : blocks_(register_module("blocks", torch::nn::ModuleList())),
      head_(register_module("head", StackedLinear(AllFeatures(outputs, width), outputs))) {
  for (int64_t block = 0; block < blocks; ++block)
    blocks_->push_back(ResidualBlock(AllFeatures(outputs, width)));
  if (head_gain != 1) head_->Scale(head_gain);
}

torch::Tensor ResidualBranchImpl::forward(const torch::Tensor& x, int64_t first) {
  torch::Tensor h = x;
  for (const auto& block : *blocks_) h = block->as<ResidualBlock>()->forward(h, first);
  return head_->forward(h, first);
}

ResidualNetworkImpl::ResidualNetworkImpl(const torch::Tensor& inputs, int64_t width, int64_t blocks,
                                         const torch::Tensor& outputs, double head_gain)
    : entry_(register_module("entry", StackedLinear(inputs, AllFeatures(inputs, width)))),
      branch_(register_module("branch", ResidualBranch(width, blocks, outputs, head_gain))) {}

torch::Tensor ResidualNetworkImpl::forward(const torch::Tensor& x, int64_t first) {
  return branch_->forward(entry_->forward(x, first), first);
}

}  // namespace links
