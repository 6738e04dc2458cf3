#pragma once

#include <torch/types.h>

#include <future>

#include "links/dataset/random_streams.h"

namespace links {

/// Shuffled batches of one constant size; the rest of an epoch that does not fill a batch is left out
/// (another one each epoch), so that shapes are static. Rows that live on the device are gathered there. Rows
/// on the host are staged: a window of them at a time, gathered by a thread of its own while the device works
/// on the last one. Runs of an ensemble each draw a permutation of their own.
class Batcher {
 public:
  /// rows: (N, ...) on `device`, or on the CPU to be staged. runs: R. window: batches staged at a time.
  /// Throws Error when N is less than the batch size.
  Batcher(torch::Tensor rows, int64_t batch_size, torch::Device device, int64_t runs = 1,
          int64_t window = 256);

  int64_t steps_per_epoch() const { return rows_.size(0) / batch_size_; }
  bool staged() const { return staged_; }

  /// Takes a new order from `streams`, whose generators are of the CPU, so that it is the same wherever the
  /// rows are; the next batch is that of `step`.
  void Shuffle(const RandomStreams& streams = {}, int64_t step = 0);

  /// To be called before each Next: what the host has to do for it.
  void Prepare();
  /// The next batch of this epoch: (batch_size, ...), of an ensemble (R, batch_size, ...). Nothing but work
  /// on the device, the same every time.
  torch::Tensor Next();

 private:
  // Starts to gather the window that follows the one in use.
  void Fetch();

  torch::Tensor rows_;
  int64_t batch_size_, runs_;
  bool staged_;
  int64_t window_steps_;
  torch::Tensor order_;    // (R, N) of this epoch, where the rows are
  torch::Tensor shown_;    // what Next gathers from: all rows, or a window of them for each run on the device
  torch::Tensor indices_;  // the order of what is shown, (R, ...) on the device
  torch::Tensor cursor_;   // (batch_size) places of the next batch in indices_
  // Where rows are staged: the next batch, the first one after the window in use, and the window after it.
  int64_t step_ = 0, window_end_ = 0;
  std::future<torch::Tensor> next_window_;
};

}  // namespace links
