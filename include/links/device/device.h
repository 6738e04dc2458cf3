#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

namespace links {

/// "auto", "cpu", "cuda" or "cuda:N" as a device; auto takes the first CUDA device when there is one. Throws
/// UsageError when it is none of these or not there.
torch::Device SelectDevice(const std::string& name);

/// The same device with its index: what "cuda" alone means is the current one, and compares unequal to it.
torch::Device WithIndex(torch::Device device);

/// What the device is called: "NVIDIA H200", or the CPU's threads.
std::string DeviceName(torch::Device device);

/// Precision of matrix products on a GPU (bf16 is a matter of the networks).
enum class Precision { kTf32, kFloat32, kBf16 };

/// "tf32", "float32", "bf16": the names in a configuration.
std::vector<std::string> PrecisionNames();
std::string PrecisionName(Precision precision);

/// kFloat32, else TF32.
void SetPrecision(Precision precision);

/// Bytes that are free on a GPU, what LibTorch keeps for later among them; 0 for a CPU.
int64_t FreeMemory(torch::Device device);

/// Threads of the CPU, 0 = all cores.
void SetThreads(int64_t threads);

/// Memory that is freed stays with the process: a step allocates what the one before it has freed, and the
/// system would take large pieces back and clear them again each time.
void KeepFreedMemory();

}  // namespace links
