#pragma once

#include <gtest/gtest.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include "links/device/device.h"
#include "support/tiny_run.h"

namespace links::test {

/// Skips where there is no GPU. Products in float32 unless a test says otherwise.
class OnAGpu : public TinyRunTest {
 protected:
  void SetUp() override {
    if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device that this LibTorch can use";
    SetPrecision(Precision::kFloat32);
  }

  const torch::Device gpu_{torch::kCUDA, 0};
};

}  // namespace links::test
