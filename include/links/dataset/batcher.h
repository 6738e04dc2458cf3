#pragma once

#include <torch/types.h>

#include <future>
#include <vector>

#include "links/dataset/random_streams.h"

namespace links {

/// Shuffled batches of one constant size; the rest of an epoch that does not fill a batch is left out
/// (another one each epoch), so that shapes are static. Rows that live on the device are gathered there. Rows
/// on the host are staged: a window of them at a time, gathered by a thread of its own while the device works
/// on the last one. Runs of an ensemble each draw a permutation of their own.
///
/// Where not every row suits everyone, batches are drawn from several pools of rows at once: an epoch passes
/// once through the largest pool and over and over through the others.
class Batcher {
 public:
  /// rows: (N, ...) on `device`, or on the CPU to be staged. runs: R. window: batches staged at a time.
  /// pools: K tables (n) int64 of rows, on the CPU; none = all rows. Throws Error when N, or the largest
  /// pool, is less than the batch size, and when a pool is empty.
  Batcher(torch::Tensor rows, int64_t batch_size, torch::Device device, int64_t runs = 1,
          int64_t window = 256, std::vector<torch::Tensor> pools = {});

  int64_t steps_per_epoch() const { return length_ / batch_size_; }
  bool staged() const { return staged_; }

  /// A new order of an epoch's rows, drawn from `streams`, whose generators are of the CPU, so that it is the
  /// same wherever the rows are: (R, N), with pools (K R, steps batch_size) int64. Changes nothing here: it
  /// may be drawn ahead, in another thread.
  torch::Tensor DrawOrder(const RandomStreams& streams = {}) const;
  /// Starts an epoch in an order of DrawOrder; the next batch is that of `step`.
  void Start(const torch::Tensor& order, int64_t step = 0);
  /// Both.
  void Shuffle(const RandomStreams& streams = {}, int64_t step = 0) { Start(DrawOrder(streams), step); }

  /// To be called before each Next: what the host has to do for it.
  void Prepare();
  /// The next batch of this epoch: (batch_size, ...), of an ensemble (R, batch_size, ...); with pools one of
  /// each, (K, batch_size, ...) or (K, R, batch_size, ...). Nothing but work on the device, the same every
  /// time.
  torch::Tensor Next();

 private:
  // Starts to gather the window that follows the one in use.
  void Fetch();

  torch::Tensor rows_;
  std::vector<torch::Tensor> pools_;
  int64_t length_;  // rows that an epoch passes through
  int64_t batch_size_, runs_;
  int64_t lists_;  // orders side by side: of each run, for each pool
  bool staged_;
  int64_t window_steps_;
  torch::Tensor order_;  // of this epoch, (lists, ...), where the rows are
  torch::Tensor shown_;  // what Next gathers from: all rows, or a window of them for each list on the device
  torch::Tensor indices_;  // the order of what is shown, (lists, ...) on the device
  torch::Tensor cursor_;   // (batch_size) places of the next batch in indices_
  // Where rows are staged: the next batch, the first one after the window in use, and the window after it.
  int64_t step_ = 0, window_end_ = 0;
  std::future<torch::Tensor> next_window_;
};

}  // namespace links
