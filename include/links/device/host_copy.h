#pragma once

#include <torch/types.h>

#include <memory>
#include <vector>

namespace links {

/// The numbers of a tensor, float32, in order.
std::vector<float> Floats(const torch::Tensor& tensor);

/// What tensors hold now, for the host. Of a GPU's tensors a copy is queued on the GPU, which takes next to
/// no time, and brought to the host when it is asked for: another thread may wait for that while the GPU goes
/// on. Where the GPU has no memory for the copy, and of all other tensors, it is made at once.
class HostCopy {
 public:
  explicit HostCopy(const std::vector<torch::Tensor>& tensors);

  /// The tensors on the CPU, in their order; once. May be called in another thread.
  std::vector<torch::Tensor> Get();

 private:
  struct Queued;
  std::vector<torch::Tensor> tensors_;
  std::shared_ptr<Queued> queued_;  // null where all are on the host
};

}  // namespace links
