#pragma once

#include <torch/types.h>

#include <functional>
#include <string>

namespace links {

/// Runs `work` so often under LibTorch's profiler and writes what it saw, operations on the host and on a GPU
/// its kernels, as a timeline in the format of Chrome's tracing: a JSON file.
void WriteTrace(const std::string& path, torch::Device device, int runs, const std::function<void()>& work);

}  // namespace links
