#include "links/device/device.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include <algorithm>
#include <thread>

#include "links/core/error.h"

namespace links {
namespace {

TEST(SelectDevice, AutoTakesAGpuWhenThereIsOne) {
  EXPECT_EQ(SelectDevice("cpu"), torch::Device(torch::kCPU));
  EXPECT_EQ(SelectDevice("auto").is_cuda(), torch::cuda::is_available());
}

TEST(SelectDevice, RejectsWhatIsNoDevice) {
  for (const char* name :
       {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1234", "cpu:0", "cuda:0 ", "CUDA"}) {
    EXPECT_THROW(SelectDevice(name), UsageError) << name;
  }
}

TEST(SelectDevice, RejectsAGpuThatIsNotThere) {
  if (torch::cuda::is_available()) {
    EXPECT_NO_THROW(SelectDevice("cuda"));
  } else {
    EXPECT_THROW(SelectDevice("cuda"), UsageError);
  }
  EXPECT_THROW(SelectDevice("cuda:99"), UsageError);
}

TEST(SetThreads, SetsLibTorchsThreads) {
  const int before = at::get_num_threads();
  const auto cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  SetThreads(1);
  EXPECT_EQ(at::get_num_threads(), 1);
  SetThreads(cores + 1);
  SetThreads(0);
  EXPECT_EQ(at::get_num_threads(), cores);
  SetThreads(before);
}

}  // namespace
}  // namespace links
