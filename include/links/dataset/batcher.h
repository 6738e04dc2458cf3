#pragma once

#include <torch/types.h>

namespace links {

/// Shuffled batches of one constant size from poses that live on the device; the rest of an epoch that does
/// not fill a batch is left out (another one each epoch), so that shapes are static.
class Batcher {
 public:
  /// poses: (N, 17, K). Throws Error when N is less than the batch size.
  Batcher(torch::Tensor poses, int64_t batch_size);

  int64_t steps_per_epoch() const { return poses_.size(0) / batch_size_; }

  /// Draws a new order from the device's default generator.
  void Shuffle();

  /// Batch `step` of this epoch, gathered on the device: (batch_size, 17, K).
  torch::Tensor Batch(int64_t step) const;

 private:
  torch::Tensor poses_;
  int64_t batch_size_;
  torch::Tensor order_;  // (N)
};

}  // namespace links
