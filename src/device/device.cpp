#include "links/device/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/cuda.h>
#include <torch/types.h>
#ifdef LINKS_CUDA
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#endif

#include <thread>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "links/core/error.h"

namespace links {

torch::Device SelectDevice(const std::string& name) {
  const bool has_cuda = torch::cuda::is_available();
  if (name == "auto") return has_cuda ? torch::Device(torch::kCUDA, 0) : torch::Device(torch::kCPU);
  if (name == "cpu") return torch::Device(torch::kCPU);
  const bool numbered = name.rfind("cuda:", 0) == 0 && name.size() > 5 && name.size() < 9 &&
                        name.find_first_not_of("0123456789", 5) == std::string::npos;
  if (name != "cuda" && !numbered)
    throw UsageError("expected a device auto, cpu, cuda or cuda:N, found '", name, "'");
  if (!has_cuda)
    throw UsageError("expected a CUDA device for --device ", name, ", found none that LibTorch can use");
  const int index = numbered ? std::stoi(name.substr(5)) : 0;
  if (index >= static_cast<int>(torch::cuda::device_count())) {
    throw UsageError("expected one of ", torch::cuda::device_count(), " CUDA devices, found --device ", name);
  }
  return torch::Device(torch::kCUDA, static_cast<c10::DeviceIndex>(index));
}

torch::Device WithIndex(torch::Device device) {
  if (device.is_cpu() || device.has_index()) return device;
  return c10::impl::VirtualGuardImpl(device.type()).getDevice();
}

std::string DeviceName(torch::Device device) {
#ifdef LINKS_CUDA
  if (device.is_cuda()) return at::cuda::getDeviceProperties(device.index())->name;
#else
  static_cast<void>(device);
#endif
  return Concat("CPU, ", at::get_num_threads(), " threads");
}

std::vector<std::string> PrecisionNames() {
  return {"tf32", "float32", "bf16"};
}

std::string PrecisionName(Precision precision) {
  return PrecisionNames().at(static_cast<size_t>(precision));
}

void SetPrecision(Precision precision) {
  at::globalContext().setAllowTF32CuBLAS(precision != Precision::kFloat32);
}

int64_t FreeMemory(torch::Device device) {
#ifdef LINKS_CUDA
  if (device.is_cuda()) {
    const c10::cuda::CUDAGuard guard(device);
    size_t free = 0, all = 0;
    C10_CUDA_CHECK(cudaMemGetInfo(&free, &all));
    const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(WithIndex(device).index());
    return static_cast<int64_t>(free) + stats.reserved_bytes[0].current - stats.allocated_bytes[0].current;
  }
#else
  static_cast<void>(device);
#endif
  return 0;
}

void SetThreads(int64_t threads) {
  at::set_num_threads(threads > 0 ? static_cast<int>(threads)
                                  : static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
}

void KeepFreedMemory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

}  // namespace links
