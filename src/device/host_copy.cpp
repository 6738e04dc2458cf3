#include "links/device/host_copy.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#ifdef LINKS_CUDA
#include <ATen/cuda/CUDAEvent.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <c10/util/Exception.h>
#endif

namespace links {
namespace {

torch::Tensor OnHost(const torch::Tensor& tensor) {
  return tensor.detach().to(torch::kCPU, tensor.scalar_type(), /*non_blocking=*/false, /*copy=*/true);
}

}  // namespace

std::vector<float> Floats(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.to(torch::kCPU, torch::kFloat32).contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

#ifdef LINKS_CUDA

struct HostCopy::Queued {
  explicit Queued(c10::DeviceIndex index) : device(index) {
    made.record(c10::cuda::getCurrentCUDAStream(index));
  }

  // All copies of a process take turns on one stream beside that of the work.
  c10::cuda::CUDAStream Stream() const {
    static const c10::cuda::CUDAStream stream = c10::cuda::getStreamFromPool(false, device);
    return stream.device_index() == device ? stream : c10::cuda::getStreamFromPool(false, device);
  }

  c10::DeviceIndex device;
  at::cuda::CUDAEvent made;
};

HostCopy::HostCopy(const std::vector<torch::Tensor>& tensors) : tensors_(tensors) {
  const torch::NoGradGuard no_grad;
  const auto on_gpu =
      std::ranges::find_if(tensors, [](const torch::Tensor& tensor) { return tensor.is_cuda(); });
  if (on_gpu != tensors.end()) {
    try {
      for (torch::Tensor& tensor : tensors_) tensor = tensor.detach().clone();
      queued_ = std::make_shared<Queued>(on_gpu->device().index());
      return;
    } catch (const c10::OutOfMemoryError&) {
      tensors_ = tensors;
    }
  }
  for (torch::Tensor& tensor : tensors_) tensor = OnHost(tensor);
}

std::vector<torch::Tensor> HostCopy::Get() {
  if (queued_ == nullptr) return std::move(tensors_);
  const c10::cuda::CUDAStreamGuard guard(queued_->Stream());
  queued_->made.block(queued_->Stream());
  // Each waits until it is there, so the copies on the GPU are free when the next takes their memory.
  for (torch::Tensor& tensor : tensors_) tensor = tensor.cpu();
  queued_.reset();
  return std::move(tensors_);
}

#else

struct HostCopy::Queued {};

HostCopy::HostCopy(const std::vector<torch::Tensor>& tensors) : tensors_(tensors) {
  for (torch::Tensor& tensor : tensors_) tensor = OnHost(tensor);
}

std::vector<torch::Tensor> HostCopy::Get() {
  return std::move(tensors_);
}

#endif

}  // namespace links
