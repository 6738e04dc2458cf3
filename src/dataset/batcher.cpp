#include "links/dataset/batcher.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "links/core/error.h"
#include "links/device/device.h"

namespace links {

namespace {

int64_t LongestOf(const torch::Tensor& rows, const std::vector<torch::Tensor>& pools) {
  int64_t longest = pools.empty() ? rows.size(0) : 0;
  for (const torch::Tensor& pool : pools) {
    if (pool.size(0) == 0) throw Error("expected poses to draw a batch from, found none");
    longest = std::max(longest, pool.size(0));
  }
  return longest;
}

}  // namespace

Batcher::Batcher(torch::Tensor rows, int64_t batch_size, torch::Device device, int64_t runs, int64_t window,
                 std::vector<torch::Tensor> pools)
    : rows_(std::move(rows)),
      pools_(std::move(pools)),
      length_(LongestOf(rows_, pools_)),
      batch_size_(batch_size),
      runs_(runs),
      lists_(runs * std::max<int64_t>(1, static_cast<int64_t>(pools_.size()))),
      staged_(rows_.device() != WithIndex(device)),
      window_steps_(std::min(window, steps_per_epoch())) {
  if (length_ < batch_size_) {
    throw Error("expected at least one batch of ", batch_size_, " poses to train on, found ", length_);
  }
  const auto numbers = torch::TensorOptions(torch::kInt64).device(device);
  const int64_t drawn = pools_.empty() ? length_ : steps_per_epoch() * batch_size_;
  order_ = torch::arange(drawn, rows_.options().dtype(torch::kInt64)).repeat({lists_, 1});
  cursor_ = torch::arange(batch_size_, numbers);
  if (staged_) {
    std::vector<int64_t> shape = rows_.sizes().vec();
    shape[0] = lists_ * window_steps_ * batch_size_;
    shown_ = torch::empty(shape, rows_.options().device(device));
    indices_ = torch::arange(shape[0], numbers).view({lists_, -1});
  } else {
    shown_ = rows_;
    indices_ = order_;
  }
}

torch::Tensor Batcher::DrawOrder(const RandomStreams& streams) const {
  if (pools_.empty()) return streams.Permutations(length_);
  const int64_t wanted = order_.size(1);
  std::vector<torch::Tensor> of_pools;
  for (const torch::Tensor& pool : pools_) {
    std::vector<torch::Tensor> passes;
    for (int64_t drawn = 0; drawn < wanted; drawn += pool.size(0))
      passes.push_back(streams.Permutations(pool.size(0)));
    const torch::Tensor places = torch::cat(passes, 1).narrow(1, 0, wanted);
    of_pools.push_back(pool.index_select(0, places.flatten()).view(places.sizes()));
  }
  return torch::cat(of_pools);
}

void Batcher::Start(const torch::Tensor& order, int64_t step) {
  if (next_window_.valid()) next_window_.wait();
  order_.copy_(order, /*non_blocking=*/true);
  if (staged_) {
    step_ = window_end_ = step;
    Fetch();
  } else {
    cursor_.copy_(torch::arange(step * batch_size_, (step + 1) * batch_size_, cursor_.options()));
  }
}

void Batcher::Fetch() {
  const int64_t steps = std::min(window_steps_, steps_per_epoch() - window_end_);
  if (steps <= 0) return;
  const torch::Tensor wanted = order_.narrow(1, window_end_ * batch_size_, steps * batch_size_).flatten();
  next_window_ = std::async(std::launch::async, [rows = rows_, wanted, pin = shown_.is_cuda()] {
    const torch::NoGradGuard no_grad;
    const torch::Tensor gathered = rows.index_select(0, wanted);
    return pin ? gathered.pin_memory() : gathered;
  });
}

void Batcher::Prepare() {
  if (!staged_) return;
  if (step_ == window_end_) {
    // In the order of the device's work: after the last batch of the old window, before the next one.
    const torch::Tensor window = next_window_.get().unflatten(0, {lists_, -1});
    shown_.unflatten(0, {lists_, -1}).narrow(1, 0, window.size(1)).copy_(window, /*non_blocking=*/true);
    cursor_.copy_(indices_[0].narrow(0, 0, batch_size_));
    window_end_ += window.size(1) / batch_size_;
    Fetch();
  }
  ++step_;
}

torch::Tensor Batcher::Next() {
  torch::Tensor batch = shown_.index_select(0, indices_.index_select(1, cursor_).flatten());
  cursor_.add_(batch_size_);
  if (runs_ > 1) batch = batch.unflatten(0, {-1, runs_, batch_size_});
  if (!pools_.empty()) return runs_ > 1 ? batch : batch.unflatten(0, {-1, batch_size_});
  return runs_ > 1 ? batch.squeeze(0) : batch;
}

}  // namespace links
