#include "links/dataset/batcher.h"

#include <torch/torch.h>

#include "links/core/error.h"

namespace links {

Batcher::Batcher(torch::Tensor poses, int64_t batch_size)
    : poses_(std::move(poses)), batch_size_(batch_size) {
  if (poses_.size(0) < batch_size_) {
    throw Error("expected at least one batch of ", batch_size_, " poses to train on, found ", poses_.size(0));
  }
}

void Batcher::Shuffle() {
  order_ = torch::randperm(poses_.size(0), poses_.options().dtype(torch::kInt64));
}

torch::Tensor Batcher::Batch(int64_t step) const {
  return poses_.index_select(0, order_.narrow(0, step * batch_size_, batch_size_));
}

}  // namespace links
